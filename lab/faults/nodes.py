"""Nodes that are broken: server processes, joined by a Redis server that is broken too."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import psutil

from lab.cluster.programs import scratch_folder
from lab.cluster.redis import Redis, redis_server
from lab.contract import Address, Transport
from lab.faults.clock import Clock
from lab.faults.subject import ServedProcess
from lab.measure.server import ServerDiedError
from lab.relay.relay import Relay

LEASE_S = 2.0
"""The shortest that `lab serve` has: a run sees as many ends of leases as it can."""
AGAIN_S = 0.2
START_S = 60.0
"""For so long a node tries to start. Redis may be away meanwhile."""


class RedisBackplane:
    """A Redis server that flushes each entry to its disk, and a relay to it for each node.

    See `subject.Backplane`.
    """

    lease_s = LEASE_S

    def __init__(self, folder: Path, nodes: int) -> None:
        self._folder = folder
        self._nodes = nodes
        self._stack = AsyncExitStack()
        self._relays: list[Relay] = []
        self._redis: Redis

    async def __aenter__(self) -> Self:
        await self._start()
        for _ in range(self._nodes):
            relay = Relay("127.0.0.1", self._port)
            self._relays.append(await self._stack.enter_async_context(relay))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def url(self, node: int) -> str:
        """Where a node finds Redis."""
        return f"redis://127.0.0.1:{self._relays[node - 1].port}"

    def stall(self, node: int) -> None:
        """See `subject.Backplane`."""
        self._relays[node - 1].stall()

    def resume(self, node: int) -> None:
        """See `subject.Backplane`."""
        self._relays[node - 1].resume()

    async def restart(self, down_s: float) -> None:
        """See `subject.Backplane`: SIGKILL."""
        program = self._redis.program
        psutil.Process(program.pid).kill()
        while program.obituary() is None:  # noqa: ASYNC110 - the kernel ends it soon
            await asyncio.sleep(0.01)
        await asyncio.sleep(down_s)
        await self._start()
        for relay in self._relays:
            relay.target_port = self._port

    async def _start(self) -> None:
        running = redis_server(self._folder, fsync="always")
        self._redis = await self._stack.enter_async_context(running)

    @property
    def _port(self) -> int:
        port = urlsplit(self._redis.url).port
        assert port is not None
        return port


class NodeProcess(ServedProcess):
    """`lab serve TRANSPORT --join` in a process of its own. See `subject.Subject`."""

    def __init__(self, transport: str, number: int, url: str, clock: Clock) -> None:
        super().__init__(transport, clock=clock)
        self._number = number
        self._url = url
        self._lives = itertools.count(1)

    def _words(self) -> Sequence[str]:
        # A name of its own for each life: the lease of the one before may not be over.
        name = f"{self._number}-{next(self._lives)}"
        joining = ("--join", self._url, "--node", name, "--lease", f"{LEASE_S:g}")
        return [*super()._words(), *joining]

    async def start(self) -> Address:
        """See `Subject`. Tries for a minute: Redis may be away."""
        end = asyncio.get_running_loop().time() + START_S
        while True:
            try:
                return await super().start()
            except ServerDiedError:
                if asyncio.get_running_loop().time() > end:
                    raise
            await asyncio.sleep(AGAIN_S)


class Nodes(NamedTuple):
    """Nodes that have not been started, and what joins them, which has."""

    subjects: Sequence[NodeProcess]
    backplane: RedisBackplane


@asynccontextmanager
async def joined_nodes(transport: Transport, count: int) -> AsyncIterator[Nodes]:
    """So many nodes of a transport, each with a clock of its own.

    Raises:
        ClusterError: Redis is not installed, or does not start.
    """
    with scratch_folder() as folder:
        async with RedisBackplane(folder, count) as backplane:
            clocks = [Clock(folder / f"clock {number}") for number in range(1, count + 1)]
            subjects = [
                NodeProcess(transport.name, number, backplane.url(number), clock)
                for number, clock in enumerate(clocks, 1)
            ]
            yield Nodes(subjects, backplane)
