"""How much does one delivery cost, when a page takes many?

The room is one of 10: the most scripts of one page that Chromium fetches at a time, which is how
JSONP polls. To what holds a page's requests up a wire is not to be blamed.
"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.browser.stage import PageStage
from benchmarks.tally import measure_hall

ROOM_SIZE = 10


def test_fan_out(benchmark: BenchmarkFixture, stage: PageStage) -> None:
    """A window of messages in flight from one member to everybody in the room, in one page."""
    count, window = stage.profile.fan_out_messages[ROOM_SIZE], stage.profile.window
    benchmark.group = f"throughput: {count} messages to {ROOM_SIZE} in one page, {window} in flight"
    with stage.full(f"hall of {ROOM_SIZE}", ROOM_SIZE) as hall:
        measure_hall(benchmark, hall, "throughput", "fan_out", messages=count, window=window)
