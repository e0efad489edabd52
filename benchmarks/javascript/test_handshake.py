"""What does it cost a client in JavaScript to connect and to join a room?

In a page each handshake uses a new host name for the server. Otherwise the browser would reuse an
open connection of an earlier handshake.
"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.javascript.served import ServedToJavaScript
from benchmarks.tally import Round, Tally, keep, measure
from lab.measure.figures import Workload


def test_connect(benchmark: BenchmarkFixture, served: ServedToJavaScript) -> None:
    """From the instant before TCP connect until the transport can carry a command."""
    count = served.profile.handshakes
    benchmark.group = f"handshake: {count} times connect in {served.place}, one after the other"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await served.bench.handshakes(count)

    _measure(benchmark, served, one_round, "connect")


def test_join(benchmark: BenchmarkFixture, served: ServedToJavaScript) -> None:
    """From the instant before TCP connect until the `joined` reply."""
    count = served.profile.handshakes
    benchmark.group = f"handshake: {count} times connect and join in {served.place}"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await served.bench.times_to_join("lobby", count)

    _measure(benchmark, served, one_round, "join")


def _measure(
    benchmark: BenchmarkFixture, served: ServedToJavaScript, one_round: Round, measured: str
) -> None:
    tally = measure(benchmark, served, one_round)
    workload = Workload(
        transport=served.transport.name,
        experiment="handshake",
        measure=measured,
        client=served.client,
    )
    keep(benchmark, tally.counts(workload))
