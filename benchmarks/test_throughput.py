"""What does one delivery cost when there are many?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import populated_room
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import measure_room
from lab.load.profiles import Driver


def test_fan_out(
    benchmark: BenchmarkFixture, served: ServedTransport, driver: Driver, room_size: int
) -> None:
    """A window of messages in flight, from one member to all in the room."""
    count, window = served.profile.fan_out_messages[room_size], served.profile.window
    benchmark.group = f"throughput: {count} messages to a room of {room_size}, {window} in flight"
    with populated_room(served, f"room of {room_size}", room_size, driver) as populated:
        measure_room(benchmark, populated, "throughput", "fan_out", messages=count, window=window)
