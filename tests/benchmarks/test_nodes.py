"""The experiment `nodes`: nodes alone and joined, by the lab's journal and by a library."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab.cluster.programs import missing
from lab.cluster.redis import PROGRAM
from lab.load.profiles import PROFILES
from lab.measure.figures.nodes import CASES, FAR, SPREAD
from tests.benchmarks.test_cost import figures, measured
from tests.interop.conftest import needs

SIZES = PROFILES["quick"].nodes
LIBRARY = "node-socketio-websocket+redis-adapter"


def test_joined_nodes_read_in_vain_only_where_a_library_joins_them(tmp_path: Path) -> None:
    needs(missing(PROGRAM))
    in_node = shutil.which("node") is not None
    journal = "node-websocket" if in_node else "websocket-tuned"
    labels = [journal, *([LIBRARY] if in_node else [])]
    asked = ",".join(["loopback", *labels])
    found = measured(tmp_path, "--experiments", "nodes", "--transports", asked, "--rounds", "1")
    assert set(found) == {f"test_nodes[{label}]" for label in labels}
    details = {}
    for label in labels:
        counts = found[f"test_nodes[{label}]"]
        assert counts.transport == label
        assert counts.detail is not None
        assert counts.detail.keys() == set(CASES)
        assert counts.lost == 0
        assert counts.operations == len(CASES) * sum(SIZES.messages.values())
        assert None not in figures(counts).values()
        details[label] = counts.detail
    assert [details[journal][case]["wasted"] for case in SPREAD] == [0, 0]
    if in_node:
        assert min(details[LIBRARY][case]["wasted"] for case in SPREAD) > 0
        assert details[LIBRARY][FAR]["foreign_ns"] > details[journal][FAR]["foreign_ns"]
