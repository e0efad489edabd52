"""What does a lost packet delay?

Each transport has a link of its own, of 10 ms each way. It loses packets at random in both
directions, or exactly one, with the message of one room, while another room's is right behind it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.served_transports import ServedTransport
from benchmarks.tally import keep
from lab.contract import Settings, Transport
from lab.link import Link
from lab.load.closed_loop import ignore, round_trips
from lab.load.lossy import losing
from lab.load.lost_packet import OtherRoom, loop_on
from lab.load.profiles import Profile
from lab.measure.figures import Workload, count
from lab.measure.figures.loss import OTHER_ROOM, PERCENTS
from lab.measure.process import CorePlan

MESSAGES = 40
TRIALS = 10


@pytest.fixture(scope="session")
def lossy(
    request: pytest.FixtureRequest,
    transport: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
) -> Iterator[tuple[ServedTransport, Link]]:
    with (
        Link(losing(0, request.config.getoption("--order-seed") or 0)) as link,
        ServedTransport(transport, settings, profile, cores, link=link) as served,
    ):
        served.warm_up()
        yield served, link


@pytest.mark.parametrize("percent", PERCENTS)
def test_rtt(
    benchmark: BenchmarkFixture, lossy: tuple[ServedTransport, Link], percent: int
) -> None:
    """From `say` to its reply `said`, while the link loses packets."""
    served, link = lossy
    # A room of its own: where packets are lost, the server learns late who has left.
    room = f"study-{percent}"
    with served.room(room, [ignore]) as fleet:
        link.change(losing(percent, link.network.seed))
        texts = served.texts(MESSAGES)
        try:
            measure(
                benchmark,
                served,
                f"rtt_{percent}",
                round_trips(fleet.connections[0], room, texts),
            )
        finally:
            link.change(losing(0, link.network.seed))


@pytest.mark.parametrize("where", OTHER_ROOM)
def test_other_room(
    benchmark: BenchmarkFixture, lossy: tuple[ServedTransport, Link], where: str
) -> None:
    """From `say` in a room until its message arrives, behind a lost packet of another room."""
    served, link = lossy
    connections, lose = OTHER_ROOM[where]
    with loop_on(link, "server") as speaking:
        other = OtherRoom(link, served.connect, speaking)
        measure(benchmark, served, where, other.delays(connections, TRIALS, lose))


def measure(
    benchmark: BenchmarkFixture,
    served: ServedTransport,
    measured: str,
    work: Coroutine[Any, Any, list[int]],
) -> None:
    """Run the work once, and store the durations that it returns."""
    meter = served.meter()
    meter.start()
    samples = benchmark.pedantic(lambda: served.run(work), rounds=1)
    use = meter.stop()
    served.check()
    workload = Workload(transport=served.transport.name, experiment="loss", measure=measured)
    found = count(workload, use, samples, expected=len(samples), delivered=len(samples))
    keep(benchmark, found)
