"""What does it cost a browser to get in: until a command can be sent, and until it has joined?

Each handshake goes to the server under a name of its own, to which no connection is left open: a
browser would give it to the next one.
"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.browser.stage import PageStage
from benchmarks.tally import Round, Tally, measure


def test_connect(benchmark: BenchmarkFixture, stage: PageStage) -> None:
    """From the instant before TCP connect until the wire can carry a command."""
    count = stage.profile.handshakes
    benchmark.group = f"handshake: {count} times connect from a browser, one after the other"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await stage.tab.handshakes(count)

    _measure(benchmark, stage, one_round, "connect")


def test_join(benchmark: BenchmarkFixture, stage: PageStage) -> None:
    """From the instant before TCP connect until the `joined` reply."""
    count = stage.profile.handshakes
    benchmark.group = f"handshake: {count} times connect and join from a browser"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await stage.tab.times_to_join("lobby", count)

    _measure(benchmark, stage, one_round, "join")


def _measure(
    benchmark: BenchmarkFixture, stage: PageStage, one_round: Round, measured: str
) -> None:
    tally = measure(benchmark, stage, one_round)
    info = tally.info(stage.wire.name, experiment="handshake", measure=measured, client="browser")
    benchmark.extra_info.update(info)
