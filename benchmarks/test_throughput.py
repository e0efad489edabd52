"""How much does one delivery cost, when there are many?"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.halls import full_hall
from benchmarks.stage import Stage
from benchmarks.tally import measure_hall
from lab.load.profiles import Driver


@pytest.mark.driven
def test_fan_out(benchmark: BenchmarkFixture, stage: Stage, driver: Driver, room_size: int) -> None:
    """A window of messages in flight from one member to everybody in the room."""
    count, window = stage.profile.fan_out_messages[room_size], stage.profile.window
    benchmark.group = f"throughput: {count} messages to a room of {room_size}, {window} in flight"
    with full_hall(stage, f"hall of {room_size}", room_size, driver) as hall:
        measure_hall(benchmark, hall, "throughput", "fan_out", messages=count, window=window)
