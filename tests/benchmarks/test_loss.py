"""The experiment `loss`: what is behind a lost packet waits for it."""

from __future__ import annotations

import json
from pathlib import Path

from lab.link import unavailable
from lab.measure import histogram
from lab.measure.figures.loss import ONE_WAY_MS, OTHER_ROOM, PERCENTS
from tests.benchmarks.test_suite import suite
from tests.interop.conftest import needs


def test_a_lost_packet_delays_another_room_of_its_connection(tmp_path: Path) -> None:
    needs(unavailable())
    written = tmp_path / "benchmark.json"
    done = suite(
        *("--transports", "websocket", "--experiments", "loss"), f"--benchmark-json={written}"
    )
    assert done.returncode == 0, done.stdout
    found = {
        each["extra_info"]["measure"]: histogram.decode(each["extra_info"]["samples_hdr"])
        for each in json.loads(written.read_text())["benchmarks"]
    }
    assert found.keys() == {*OTHER_ROOM, *(f"rtt_{percent}" for percent in PERCENTS)}
    # A retransmission waits for news of the loss: three ways at least, however fast the machine.
    assert found["behind_shared"].percentile_ns(0) >= 2.9 * ONE_WAY_MS * 1e6
    assert found["behind_none"].percentile_ns(0) >= 0.9 * ONE_WAY_MS * 1e6
    assert found["rtt_0"].percentile_ns(0) >= 1.9 * ONE_WAY_MS * 1e6
