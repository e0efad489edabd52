"""How long does one message take a browser, when nothing else is in flight?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.browser.stage import PageStage
from benchmarks.tally import Tally, measure, measure_hall

ROOM_SIZE = 10


def test_say_rtt(benchmark: BenchmarkFixture, stage: PageStage) -> None:
    """From `say` to its reply `said`, alone in the room."""
    count = stage.profile.round_trips
    benchmark.group = f"latency: {count} say and said in a browser, one after the other"
    with stage.full("study", 1):

        async def one_round(tally: Tally) -> None:
            tally.samples_ns += await stage.tab.round_trips(stage.texts(count))

        tally = measure(benchmark, stage, one_round)
    benchmark.extra_info.update(
        tally.info(
            stage.wire.name,
            experiment="latency",
            measure="rtt",
            client="browser",
            payload_bytes=stage.profile.payload_bytes,
        )
    )


def test_last_of_room(benchmark: BenchmarkFixture, stage: PageStage) -> None:
    """From `say` until the last of a room of 10, all in one page, has the message."""
    count = stage.profile.room_messages
    benchmark.group = f"latency: {count} messages to {ROOM_SIZE} in one page, one after the other"
    with stage.full("hall", ROOM_SIZE) as hall:
        measure_hall(benchmark, hall, "latency", "last_delivery", messages=count, window=1)
