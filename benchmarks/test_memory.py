"""What does a connection that does nothing weigh in the server?

Resident memory of a fresh server before and after, divided by the connections. They are opened by a
process of its own and only connected; then, where the profile says so, each joins a small room.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.tally import VOID, Tally
from lab.contract import Capability, ConnectOptions, Settings, Transport
from lab.load.idle import Crowd, CrowdError, fitting
from lab.load.profiles import CostSizes, Profile
from lab.measure.descriptors import TooFewDescriptorsError, limit_of, raise_limit
from lab.measure.memory import settled_rss_bytes
from lab.measure.process import CorePlan, pin
from lab.measure.server import ServerProcess

FIRST = 20
"""Connections before the first reading: what a server loads and makes for its first ones is not
what another one weighs."""
ROOM_SIZE = 10
STEP = 1000
"""Connections between two readings."""


@pytest.mark.needs(Capability.SOCKET)
def test_idle(
    benchmark: BenchmarkFixture,
    wire: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
) -> None:
    """Server memory for each of many idle connections."""
    sizes = profile.cost
    try:
        count = fitting(wire, sizes.memory_connections, raise_limit())
    except TooFewDescriptorsError as error:
        pytest.fail(f"{VOID} {error}")
    benchmark.group = f"memory: {sizes.memory_connections} idle connections (not a timing)"
    work = (wire, settings, sizes, count, cores)
    detail = benchmark.pedantic(_weigh, args=work, rounds=1)
    tally = Tally()
    tally.expected = tally.delivered = detail["connections"]
    info = tally.info(wire.name, experiment="memory", measure="idle_memory")
    wanted = {"wanted": sizes.memory_connections}
    benchmark.extra_info.update(info, detail={**wanted, **detail})
    if not detail["connections"]:
        pytest.fail(f"{VOID} not even {STEP} connections stayed open: {detail['stopped']}")


def _weigh(
    wire: Transport, settings: Settings, sizes: CostSizes, count: int, cores: CorePlan
) -> dict[str, Any]:
    arguments, options = ["--settings", settings, "--unpaced"], ConnectOptions(settings=settings)
    with Crowd(wire, options) as crowd, ServerProcess(wire.name, arguments) as server:
        pin(server.pid, cores.server)
        pin(crowd.pid, cores.load)
        assert limit_of(server.pid) == limit_of(None), "a child has the limits of its parent"
        scales = Scales(crowd, server, sizes.opening_s)
        scales.fill(count)
        joined = scales.joined_bytes() if sizes.memory_joins and not scales.stopped else None
        server.check()
        server.abandon()
    connections, connected = scales.steps[-1] if scales.steps else (0, scales.before)
    return {
        "connections": connections,
        "before_bytes": scales.before,
        "connected_bytes": connected,
        "joined_bytes": joined,
        "steps": scales.steps,
        "seconds": scales.seconds(),
        "stopped": scales.stopped,
    }


class Scales:
    """One server, weighed while a crowd connects to it, step by step.

    Where a crowd can't be held (its heartbeats come in waves, which overflow the backlog of a
    server that is busy), the last step at which every connection was open is what counts.
    """

    def __init__(self, crowd: Crowd, server: ServerProcess, within_s: float) -> None:
        self._crowd = crowd
        self._server = server
        self._begun = time.monotonic()
        self._within_s = within_s
        self.steps: list[tuple[int, int]] = []
        """(connections beyond the first few, resident bytes)."""
        self.stopped: str | None = None
        """Why there are no more."""
        self._crowd.open(server.url, FIRST, within_s)
        self.before = self._read()

    def fill(self, count: int) -> None:
        """Open up to `count` connections and weigh at every step."""
        for target in [*range(STEP, count, STEP), count]:
            self.stopped = self._one_step(target)
            if self.stopped:
                return
            self.steps.append((target, self._read()))

    def joined_bytes(self) -> int | None:
        """What the server weighs when all have joined a small room; None where not all can."""
        try:
            self._crowd.join(ROOM_SIZE)
        except CrowdError as error:
            self.stopped = str(error)
            return None
        read = self._read()
        return read if self._all_are_open(self.steps[-1][0]) else None

    def seconds(self) -> float:
        """How long it has taken until now."""
        return time.monotonic() - self._begun

    def _one_step(self, target: int) -> str | None:
        """Why the step was not reached."""
        more = target - (self.steps[-1][0] if self.steps else 0)
        left_s = self._within_s - self.seconds()
        if left_s <= 0:
            return f"{self._within_s:g} s are over"
        try:
            self._crowd.open(self._server.url, more, left_s)
        except CrowdError as error:
            return str(error)
        if self._all_are_open(target):
            return None
        return f"at {target}, some were not open after {self.seconds():.0f} s"

    def _all_are_open(self, target: int) -> bool:
        return self._crowd.alive() == target + FIRST

    def _read(self) -> int:
        return settled_rss_bytes(self._server.pid)
