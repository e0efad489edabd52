"""The benchmark of the lab's own tools under plain pytest: every tool has a cost, and no loss."""

from __future__ import annotations

from pathlib import Path

from lab.load.profiles import PROFILES
from tests.benchmarks.test_cost import figures, measured
from tests.benchmarks.test_suite import suite

SIZES = PROFILES["quick"].harness


def test_every_tool_is_weighed(tmp_path: Path) -> None:
    asked = "loopback,websocket-tuned"
    found = measured(tmp_path, "--experiments", "harness", "--transports", asked, "--rounds", "1")
    assert set(found) == {"test_harness[websocket-tuned]"}  # a relay needs a socket
    counts = found["test_harness[websocket-tuned]"]
    drivers, relays = 3 * SIZES.room, 2 * SIZES.relayed_room
    assert counts.delivered == SIZES.messages * (drivers + relays)
    assert counts.lost == 0
    assert counts.detail is not None
    told = figures(counts)
    assert {key for key, value in told.items() if value is not None and value > 0} >= {
        f"harness_{tool}_us"
        for tool in ("raw", "raw_one", "library", "relay", "tapping", "recording")
    }
    assert counts.detail["limit"] in ("driver", "server", "ceiling")
    held = [s["rate_per_s"] for s in counts.detail["steps"] if s["outcome"] == "held"]
    assert counts.detail["rate_per_s"] == max(held, default=None)
    if held:
        assert told["harness_deliveries_per_s"] == max(held) * SIZES.room


def test_what_a_benchmark_requires_is_said_where_no_transport_has_it() -> None:
    done = suite("-rs", "--experiments", "harness", "--transports", "sse")
    assert done.returncode == 0, done.stdout
    assert "it requires a raw client that speaks it" in done.stdout
