"""How much does one delivery cost, when there are many?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.stage import Stage
from benchmarks.tally import measure_fan_out


def test_fan_out(benchmark: BenchmarkFixture, stage: Stage, room_size: int) -> None:
    """A window of messages in flight from one member to everybody in the room."""
    count, window = stage.profile.fan_out_messages[room_size], stage.profile.window
    benchmark.group = f"throughput: {count} messages to a room of {room_size}, {window} in flight"
    measure_fan_out(
        benchmark,
        stage,
        "throughput",
        "fan_out",
        room_size=room_size,
        messages=count,
        window=window,
    )
