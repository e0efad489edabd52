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


def test_joined_nodes_read_in_vain_only_where_a_library_joins_them(tmp_path: Path) -> None:
    needs(missing(PROGRAM))
    library = "node-socketio-websocket+redis-adapter"
    labels = ["websocket-tuned", *([library] if shutil.which("node") else [])]
    asked = ",".join(["loopback", *labels])
    found = measured(tmp_path, "--experiments", "nodes", "--transports", asked, "--rounds", "1")
    assert set(found) == {f"test_nodes[{label}]" for label in labels}
    for label in labels:
        counts = found[f"test_nodes[{label}]"]
        assert counts.transport == label
        assert counts.detail is not None
        assert counts.detail.keys() == set(CASES)
        assert counts.lost == 0
        assert counts.operations == len(CASES) * sum(SIZES.messages.values())
        assert None not in figures(counts).values()
    journal = found["test_nodes[websocket-tuned]"].detail
    assert journal is not None
    assert [journal[case]["wasted"] for case in SPREAD] == [0, 0]
    if library in labels:
        redis = found[f"test_nodes[{library}]"].detail
        assert redis is not None
        assert min(redis[case]["wasted"] for case in SPREAD) > 0
        assert redis[FAR]["foreign_ns"] > journal[FAR]["foreign_ns"]
