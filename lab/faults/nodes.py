"""Nodes that are broken: server processes, joined by a Redis server that is broken too."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import psutil
from redis import asyncio as redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from lab.cluster.programs import scratch_folder
from lab.cluster.redis import Redis, redis_server
from lab.contract import Address, Transport
from lab.faults.clock import Clock
from lab.faults.disk import SmallDisk, small_disk
from lab.faults.script import ON_NODES, Fault
from lab.faults.subject import ServedProcess
from lab.measure.server import ServerDiedError
from lab.relay.relay import Relay

LEASE_S = 2.0
"""The shortest that `lab serve` has: a run sees as many ends of leases as it can."""
AGAIN_S = 0.2
START_S = 60.0
"""For so long a node tries to start. Redis may be away meanwhile."""
SETTINGS = {"auto-aof-rewrite-min-size": "2mb"}
"""Redis rewrites its file long before a small disk is full."""


class RedisBackplane:
    """A Redis server that keeps its entries in a folder, and a relay to it for each node.

    `fsync`: see `redis_server`. `disk`: the one that the folder is on. See `subject.Backplane`.
    """

    lease_s = LEASE_S

    def __init__(
        self, folder: Path, nodes: int, fsync: str = "always", disk: SmallDisk | None = None
    ) -> None:
        self._folder = folder
        self._nodes = nodes
        self._fsync = fsync
        self._disk = disk
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
        self._kill()
        await self._ended()
        await asyncio.sleep(down_s)
        await self._start_again()

    async def fill_disk(self, seconds: float, kill: bool) -> None:
        """See `subject.Backplane`. With `appendfsync always` Redis ends if it has to write."""
        assert self._disk is not None
        self._disk.fill()
        try:
            await asyncio.sleep(seconds)
            if kill:
                self._kill()
        finally:
            self._disk.empty()
        if not await self._answers():
            await self._ended()
            await self._start_again()

    async def fill_memory(self, seconds: float) -> None:
        """See `subject.Backplane`: `maxmemory`."""
        async with self._client() as client:
            await client.config_set("maxmemory", 1)
            await asyncio.sleep(seconds)
            await client.config_set("maxmemory", 0)

    def _kill(self) -> None:
        if self._redis.program.obituary() is None:
            psutil.Process(self._redis.program.pid).kill()

    async def _ended(self) -> None:
        while self._redis.program.obituary() is None:  # noqa: ASYNC110 - the kernel ends it soon
            await asyncio.sleep(0.01)

    async def _answers(self) -> bool:
        """Whether Redis goes on: what it could not write would have ended it before an answer."""
        try:
            async with self._client() as client:
                await client.ping()
        except redis.ConnectionError:
            return False
        except redis.ResponseError:  # it can't write yet
            pass
        return True

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self._redis.url, retry=Retry(NoBackoff(), 0))

    async def _start_again(self) -> None:
        await self._start()
        for relay in self._relays:
            relay.target_port = self._port

    async def _start(self) -> None:
        within = () if self._disk is None else self._disk.inside
        running = redis_server(self._folder, fsync=self._fsync, more=SETTINGS, within=within)
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
    """Nodes that have not been started, what joins them, which has, and what can be done to them.

    `left_out`: a sentence for each kind that can't be.
    """

    subjects: Sequence[NodeProcess]
    backplane: RedisBackplane
    kinds: tuple[Fault, ...]
    left_out: list[str]


@asynccontextmanager
async def joined_nodes(transport: Transport, count: int) -> AsyncIterator[Nodes]:
    """So many nodes of a transport, each with a clock of its own.

    Raises:
        ClusterError: Redis is not installed, or does not start.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        disk, left_out = small_disk(stack, folder / "redis")
        kinds: tuple[Fault, ...] = ON_NODES if disk is None else (*ON_NODES, "full disk")
        async with RedisBackplane(folder / "redis", count, disk=disk) as backplane:
            clocks = [Clock(folder / f"clock {number}") for number in range(1, count + 1)]
            subjects = [
                NodeProcess(transport.name, number, backplane.url(number), clock)
                for number, clock in enumerate(clocks, 1)
            ]
            yield Nodes(subjects, backplane, kinds, left_out)
