"""What does it cost to connect and to join a room?"""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep, measure
from lab.load.closed_loop import handshakes, times_to_join
from lab.measure.figures import Workload


def test_connect(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """From the instant before TCP connect until the transport can carry a command."""
    count = served.profile.handshakes
    benchmark.group = f"handshake: {count} times connect, one after the other"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await handshakes(served.connect, count)

    tally = measure(benchmark, served, one_round)
    workload = Workload(transport=served.transport.name, experiment="handshake", measure="connect")
    keep(benchmark, tally.counts(workload))


def test_join(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """From the instant before TCP connect until the `joined` reply."""
    count = served.profile.handshakes
    benchmark.group = f"handshake: {count} times connect and join, one after the other"

    async def one_round(tally: Tally) -> None:
        tally.samples_ns += await times_to_join(served.connect, "lobby", count)

    tally = measure(benchmark, served, one_round)
    workload = Workload(transport=served.transport.name, experiment="handshake", measure="join")
    keep(benchmark, tally.counts(workload))
