"""How long does one message take, when nothing else is in flight?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.halls import full_hall
from benchmarks.stage import Stage
from benchmarks.tally import Tally, measure, measure_hall
from lab.load.closed_loop import ignore, round_trips

ROOM_SIZE = 10


def test_say_rtt(benchmark: BenchmarkFixture, stage: Stage) -> None:
    """From `say` to its reply `said`, alone in the room."""
    count = stage.profile.round_trips
    benchmark.group = f"latency: {count} say and said, one after the other"
    with stage.room("study", [ignore]) as fleet:

        async def one_round(tally: Tally) -> None:
            speaker = fleet.connections[0]
            tally.samples_ns += await round_trips(speaker, "study", stage.texts(count))

        tally = measure(benchmark, stage, one_round)
    benchmark.extra_info.update(
        tally.info(
            stage.wire.name,
            experiment="latency",
            measure="rtt",
            payload_bytes=stage.profile.payload_bytes,
        )
    )


def test_last_of_room(benchmark: BenchmarkFixture, stage: Stage) -> None:
    """From `say` until the last of a room of 10 has the message, one message in flight."""
    count = stage.profile.room_messages
    benchmark.group = f"latency: {count} messages to a room of {ROOM_SIZE}, one after the other"
    with full_hall(stage, "hall", ROOM_SIZE, "library") as hall:
        measure_hall(benchmark, hall, "latency", "last_delivery", messages=count, window=1)
