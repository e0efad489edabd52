"""How long does one message take, when nothing else is in flight?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import populated_room
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep, measure, measure_room
from lab.load.closed_loop import ignore, round_trips
from lab.measure.figures import Workload

ROOM_SIZE = 10


def test_say_rtt(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """From `say` to its reply `said`, alone in the room."""
    count = served.profile.round_trips
    benchmark.group = f"latency: {count} say and said, one after the other"
    with served.room("study", [ignore]) as fleet:

        async def one_round(tally: Tally) -> None:
            speaker = fleet.connections[0]
            tally.samples_ns += await round_trips(speaker, "study", served.texts(count))

        tally = measure(benchmark, served, one_round)
    workload = Workload(
        transport=served.transport.name,
        experiment="latency",
        measure="rtt",
        payload_bytes=served.profile.payload_bytes,
    )
    keep(benchmark, tally.counts(workload))


def test_last_of_room(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """From `say` until the last of a room of 10 has the message, one message in flight."""
    count = served.profile.room_messages
    benchmark.group = f"latency: {count} messages to a room of {ROOM_SIZE}, one after the other"
    with populated_room(served, "room", ROOM_SIZE, "library") as populated:
        measure_room(benchmark, populated, "latency", "last_delivery", messages=count, window=1)
