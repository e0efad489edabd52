"""The experiment `storm`: every client comes back, and a figure without one of them is void."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.tally import VoidError
from benchmarks.test_storm import check
from lab.load.profiles import StormSizes
from lab.load.storm import CameBack
from lab.measure import histogram
from lab.measure.figures.storm import BACK_OFFS
from tests.benchmarks.test_cost import figures, measured

CLIENTS = 5


def test_all_clients_come_back_after_each_restart(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        *("--experiments", "storm", "--clients", str(CLIENTS)),
        *("--transports", "loopback,websocket-tuned"),
    )
    assert set(found) == {f"test_storm[websocket-tuned-{name}]" for name in BACK_OFFS}
    for name, back_off in BACK_OFFS.items():
        counts = found[f"test_storm[websocket-tuned-{name}]"]
        assert (counts.operations, counts.delivered, counts.lost) == (CLIENTS, CLIENTS, 0)
        assert None not in figures(counts).values()
        assert counts.samples_hdr is not None
        least_ns = 0 if back_off.jitter else back_off.window_ms * 1e6
        assert histogram.decode(counts.samples_hdr).percentile_ns(0) >= 0.99 * least_ns


def test_a_client_that_never_comes_in_makes_it_void() -> None:
    check(CameBack([1], failed_attempts=3, missing=0), StormSizes(clients=1))
    with pytest.raises(VoidError, match="1 of 2 clients did not come back within 45 s"):
        check(CameBack([1], failed_attempts=3, missing=1), StormSizes(clients=2))
