"""What does one delivery cost when JavaScript receives many?

The room has 10 members, because Chromium fetches at most 10 scripts of a page at a time, and JSONP
polls by scripts. The figure must not include the browser's own queue.
"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.javascript.served import ServedToJavaScript
from benchmarks.tally import measure_room

ROOM_SIZE = 10


def test_fan_out(benchmark: BenchmarkFixture, served: ServedToJavaScript) -> None:
    """A window of messages in flight, from one member to all, in one page or process."""
    count, window = served.profile.fan_out_messages[ROOM_SIZE], served.profile.window
    benchmark.group = (
        f"throughput: {count} messages, {ROOM_SIZE} in {served.place}, {window} in flight"
    )
    with served.full(f"room of {ROOM_SIZE}", ROOM_SIZE) as populated:
        measure_room(benchmark, populated, "throughput", "fan_out", messages=count, window=window)
