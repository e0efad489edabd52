"""What does it cost to get in: until a command can be sent, and until the room is joined?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.stage import Stage
from benchmarks.tally import Tally, measure
from lab.load.closed_loop import handshakes, times_to_join


def test_connect(benchmark: BenchmarkFixture, stage: Stage) -> None:
    """From the instant before TCP connect until the wire can carry a command."""
    count = stage.profile.handshakes
    benchmark.group = f"handshake: {count} times connect, one after the other"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await handshakes(stage.connect, count)

    tally = measure(benchmark, stage, one_round)
    benchmark.extra_info.update(
        tally.info(stage.wire.name, experiment="handshake", measure="connect")
    )


def test_join(benchmark: BenchmarkFixture, stage: Stage) -> None:
    """From the instant before TCP connect until the `joined` reply."""
    count = stage.profile.handshakes
    benchmark.group = f"handshake: {count} times connect and join, one after the other"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await times_to_join(stage.connect, "lobby", count)

    tally = measure(benchmark, stage, one_round)
    benchmark.extra_info.update(tally.info(stage.wire.name, experiment="handshake", measure="join"))
