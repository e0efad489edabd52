"""How much server memory does an idle connection need?

Measures the resident memory of a fresh server before and after, divided by the connections. Another
process opens them. Then, if the profile says so, each joins a small room.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.over_tls import counted_options, server_arguments, without_keys
from benchmarks.tally import Tally, VoidError, keep
from lab.contract import ConnectOptions, Settings, Transport
from lab.load.idle import IdleConnections, IdleConnectionsError, fitting
from lab.load.profiles import CostSizes, Profile
from lab.measure.descriptors import TooFewDescriptorsError, limit_of, raise_limit
from lab.measure.figures import Workload
from lab.measure.memory import settled_rss_bytes
from lab.measure.process import CorePlan, pin
from lab.measure.replicas import original
from lab.measure.server import ServerProcess
from transports import registry

FIRST = 20
"""Connections before the first reading. What a server loads and creates for its first connections
is not the memory of another one."""
ROOM_SIZE = 10
STEP = 1000
"""Connections between two readings."""


def test_idle(
    benchmark: BenchmarkFixture,
    transport: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
) -> None:
    """Server memory for each of many idle connections."""
    sizes = profile.cost
    try:
        count = fitting(transport, sizes.memory_connections, raise_limit())
    except TooFewDescriptorsError as error:
        pytest.skip(str(error))
    benchmark.group = f"memory: {sizes.memory_connections} idle connections (not a timing)"
    work = (transport, settings, sizes, count, cores)
    detail = benchmark.pedantic(measure_memory, args=work, rounds=1)
    tally = Tally()
    tally.expected = tally.delivered = detail["connections"]
    workload = Workload(transport=transport.name, experiment="memory", measure="idle_memory")
    wanted = {"wanted": sizes.memory_connections}
    keep(benchmark, tally.counts(workload, {**wanted, **detail}))
    if not detail["connections"]:
        raise VoidError(f"not even {STEP} connections stayed open: {detail['stopped']}")


def measure_memory(
    transport: Transport, settings: Settings, sizes: CostSizes, count: int, cores: CorePlan
) -> dict[str, Any]:
    """The memory of a fresh server before and after `count` connections, step by step."""
    arguments = ["--settings", settings, "--unpaced", *server_arguments(transport)]
    name = original(transport.name)
    with (
        ServerProcess(name, arguments) as server,
        counted_options(transport, ConnectOptions(settings=settings), server) as options,
        # By its own name: the process of the connections finds it in the registry.
        IdleConnections(registry.load(name), without_keys(options)) as idle,
    ):
        pin(server.pid, cores.server)
        pin(idle.pid, cores.load)
        assert limit_of(server.pid) == limit_of(None), "a child has the limits of its parent"
        steps = MemorySteps(idle, server, sizes.opening_s)
        steps.fill(count)
        joined = steps.joined_bytes() if sizes.memory_joins and not steps.stopped else None
        server.check()
        server.abandon()
    connections, connected = steps.readings[-1] if steps.readings else (0, steps.before)
    return {
        "connections": connections,
        "before_bytes": steps.before,
        "connected_bytes": connected,
        "joined_bytes": joined,
        "steps": steps.readings,
        "seconds": steps.seconds(),
        "stopped": steps.stopped,
    }


class MemorySteps:
    """Measures the memory of one server while connections are opened, step by step.

    Sometimes the connections can't all be held: their heartbeats come in waves, which overflow the
    backlog of a busy server. Then the last step at which all were open counts.
    """

    def __init__(self, idle: IdleConnections, server: ServerProcess, within_s: float) -> None:
        self._idle = idle
        self._server = server
        self._begun = time.monotonic()
        self._within_s = within_s
        self.readings: list[tuple[int, int]] = []
        """Readings: (connections beyond the first ones, resident bytes)."""
        self.stopped: str | None = None
        """Why there are no more readings."""
        self._idle.open(server.url, FIRST, within_s)
        self.before = self._read()

    def fill(self, count: int) -> None:
        """Open up to `count` connections. Read the memory at every step."""
        for target in [*range(STEP, count, STEP), count]:
            self.stopped = self._one_step(target)
            if self.stopped:
                return
            self.readings.append((target, self._read()))

    def joined_bytes(self) -> int | None:
        """The server's memory after all have joined a small room; None if not all could."""
        try:
            self._idle.join(ROOM_SIZE)
        except IdleConnectionsError as error:
            self.stopped = str(error)
            return None
        read = self._read()
        return read if self._all_are_open(self.readings[-1][0]) else None

    def seconds(self) -> float:
        """The seconds since the beginning."""
        return time.monotonic() - self._begun

    def _one_step(self, target: int) -> str | None:
        """The reason why the step was not reached."""
        more = target - (self.readings[-1][0] if self.readings else 0)
        left_s = self._within_s - self.seconds()
        if left_s <= 0:
            return f"{self._within_s:g} s are over"
        try:
            self._idle.open(self._server.url, more, left_s)
        except IdleConnectionsError as error:
            return str(error)
        if self._all_are_open(target):
            return None
        return f"at {target}, some were not open after {self.seconds():.0f} s"

    def _all_are_open(self, target: int) -> bool:
        return self._idle.alive() == target + FIRST

    def _read(self) -> int:
        return settled_rss_bytes(self._server.pid)
