"""How do the clients of a server come back, when it was killed and started again?

They wait before each attempt, by one back-off after the other. The server is cold, as after a
deployment, so it is not warmed up.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from random import Random

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.restarting_server import RestartingServer
from benchmarks.tally import VoidError, keep
from lab.contract import Settings, Transport
from lab.load.idle import fitting
from lab.load.profiles import Profile, StormSizes
from lab.load.storm import CameBack, Crowd
from lab.measure.busiest import Busiest
from lab.measure.descriptors import TooFewDescriptorsError, raise_limit
from lab.measure.figures import Workload, count
from lab.measure.figures.storm import BACK_OFFS, EXPERIMENT, SPAN_MS, BackOff
from lab.measure.process import CorePlan, CpuMeter, CpuUse, pin


class Storm:
    """One transport's server, its clients, and the event loop on which they run."""

    def __init__(self, server: RestartingServer, sizes: StormSizes, seed: int) -> None:
        self._server = server
        self.sizes = sizes
        self._runner = asyncio.Runner()
        self._crowd = Crowd(server.connect, sizes.clients, sizes.room, seed)

    def restart(self, measure: str) -> tuple[CameBack, CpuUse, float | None]:
        """Restart the server, and see how the clients come back, at what CPU.

        The last value is the server's share of a core when it was busiest.
        """
        self._runner.run(self._crowd.enter())
        return self._runner.run(self._come_back(BACK_OFFS[measure]))

    async def _come_back(self, back_off: BackOff) -> tuple[CameBack, CpuUse, float | None]:
        async with self._crowd.coming_back(back_off) as all_back:
            await asyncio.to_thread(self._server.restart)
            meter = CpuMeter(os.getpid(), self._server.pid)
            meter.start()
            with Busiest(self._server.pid, SPAN_MS * 1_000_000) as busiest:
                found = await all_back(self.sizes.patience_s)
                use = meter.stop()
                await asyncio.sleep(SPAN_MS / 1000)  # a short storm fills no span
        return found, use, busiest.share

    def close(self) -> None:
        """Close all connections, and the loop."""
        with self._runner as runner:
            runner.run(self._crowd.close())


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, transport: Transport, settings: Settings, cores: CorePlan
) -> Iterator[RestartingServer]:
    chance = Random(request.config.getoption("--order-seed"))
    with RestartingServer(transport, settings, cores, chance) as server:
        yield server


@pytest.fixture(scope="session")
def storm(
    request: pytest.FixtureRequest, server: RestartingServer, profile: Profile, cores: CorePlan
) -> Iterator[Storm]:
    """The clients. They stay for all back-offs."""
    try:
        # A client that comes back still holds the sockets that it has lost.
        fit = fitting(server.transport, 2 * profile.storm.clients, raise_limit()) // 2
    except TooFewDescriptorsError as error:
        pytest.skip(str(error))
    before = os.sched_getaffinity(0)
    pin(os.getpid(), cores.load)
    sizes = msgspec.structs.replace(profile.storm, clients=fit)
    storm = Storm(server, sizes, request.config.getoption("--order-seed") or 0)
    try:
        yield storm
    finally:
        storm.close()
        pin(os.getpid(), before)


@pytest.mark.parametrize("measure", BACK_OFFS)
def test_storm(
    benchmark: BenchmarkFixture,
    transport: Transport,
    server: RestartingServer,
    storm: Storm,
    measure: str,
) -> None:
    """From the kill until each client is in its room again."""
    benchmark.group = "storm: clients come back to a server that was restarted (not a timing)"
    sizes = storm.sizes
    found, use, busiest = benchmark.pedantic(lambda: storm.restart(measure), rounds=1)
    workload = Workload(
        transport=transport.name,
        experiment=EXPERIMENT,
        measure=measure,
        room_size=sizes.room,
    )
    samples = [back_ns - server.killed_ns for back_ns in found.back_ns]
    detail = {
        "down_ns": server.ready_ns - server.killed_ns,
        "failed_attempts": found.failed_attempts,
        "busiest_share": busiest,
    }
    expected, came = sizes.clients, len(samples)
    keep(benchmark, count(workload, use, samples, expected=expected, delivered=came, detail=detail))
    check(found, sizes)


def check(found: CameBack, sizes: StormSizes) -> None:
    """Raises VoidError if a client has not come back."""
    if found.missing:
        raise VoidError(
            f"{found.missing} of {sizes.clients} clients did not come back within "
            f"{sizes.patience_s:g} s"
        )
