"""How long does one message take a client in JavaScript, when nothing else is in flight?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.javascript.served import ServedToJavaScript
from benchmarks.tally import Tally, keep, measure, measure_room
from lab.measure.figures import Workload

ROOM_SIZE = 10


def test_say_rtt(benchmark: BenchmarkFixture, served: ServedToJavaScript) -> None:
    """From `say` to its reply `said`, alone in the room."""
    count = served.profile.round_trips
    benchmark.group = f"latency: {count} say and said in {served.place}, one after the other"
    with served.full("study", 1):

        async def one_round(tally: Tally) -> None:
            tally.samples_ns += await served.bench.round_trips(served.texts(count))

        tally = measure(benchmark, served, one_round)
    workload = Workload(
        transport=served.transport.name,
        experiment="latency",
        measure="rtt",
        client=served.client,
        payload_bytes=served.profile.payload_bytes,
    )
    keep(benchmark, tally.counts(workload))


def test_last_of_room(benchmark: BenchmarkFixture, served: ServedToJavaScript) -> None:
    """From `say` until the last of a room of 10, all in one page or process, has the message."""
    count = served.profile.room_messages
    benchmark.group = (
        f"latency: {count} messages, {ROOM_SIZE} in {served.place}, one after the other"
    )
    with served.full("room", ROOM_SIZE) as populated:
        measure_room(benchmark, populated, "latency", "last_delivery", messages=count, window=1)
