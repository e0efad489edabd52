"""The nodes of one transport, alone or joined, with a raw room over all of them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from lab.cluster import registry
from lab.cluster.cluster import Cluster, Plan, running_cluster
from lab.cluster.costs import quiet, reads
from lab.cluster.model import placed
from lab.contract import Address, ServeOptions, Settings, Transport
from lab.load.fan_out import FanOut
from lab.load.profiles import NodeSizes
from lab.load.raw import RawRoom
from lab.load.warm_up import compiles_as_it_runs
from lab.measure import histogram
from lab.measure.clock import now_ns
from lab.measure.process import CpuUse, cpu_ns
from lab.measure.replicas import joined_by, original

WARM = 4000
"""Messages to each node before it is measured, where its language compiles as it runs."""
SEED = 0

Texts = Callable[[int], Sequence[str]]


@dataclass(frozen=True)
class Used:
    """CPU and wall time in ns of one round: of all nodes, of Redis, and of the load."""

    wall: int
    nodes: int
    redis: int
    load: int

    @property
    def cores(self) -> float:
        """How many cores were busy on average."""
        return (self.nodes + self.redis + self.load) / self.wall

    def use(self) -> CpuUse:
        """As a tally keeps it: the nodes are the server."""
        return CpuUse(self.wall, self.load, self.nodes)


class Nodes:
    """A running cluster, and how to measure it. `texts`: makes so many new texts."""

    def __init__(self, cluster: Cluster, texts: Texts, window: int) -> None:
        self._cluster = cluster
        self._transport = registry.load(cluster.plan.transport, cluster.backplane)
        self._texts, self._window = texts, window
        self._pids = [node.ready.pid for node in cluster.nodes]
        redis = cluster.programs.get("redis")
        self._redis = None if redis is None else redis.pid
        self.addresses = [
            Address(it.ready.url, port=it.ready.port, websocket_url=it.ready.websocket_url)
            for it in cluster.nodes
        ]

    def room(self, name: str, size: int, at: Sequence[int] | None = None) -> RawRoom:
        """A room whose members are at these nodes in turn; None: at all of them."""
        first, *rest = self.addresses if at is None else [self.addresses[it] for it in at]
        return RawRoom(self._transport, first, name, size, elsewhere=rest)

    def warm_up(self) -> None:
        """Let every node compile what it will run."""
        if compiles_as_it_runs(self._transport.stack()):
            with self.room("warm", 2 * len(self.addresses)) as room:
                room.fan_out(self._texts(WARM), self._window)

    def timed(self, room: RawRoom, messages: int) -> tuple[FanOut, Used]:
        """Say so many messages, a window of them in flight."""
        texts, before, begun = self._texts(messages), self._cpu(), now_ns()
        found = room.fan_out(texts, self._window)
        wall, after = now_ns() - begun, self._cpu()
        nodes, redis, load = (now - then for now, then in zip(after, before, strict=True))
        return found, Used(max(wall, 1), nodes, redis, load)

    def latency(self, messages: int) -> dict[str, Any]:
        """From a message's `say` until two members have it, each at another node if there is."""
        with self.room("latency", 2) as room:
            room.fan_out(self._texts(self._window), 1)
            found = room.fan_out(self._texts(messages), 1)
        times = histogram.from_samples(found.last_delivery_ns)
        return {f"p{at}_ns": times.percentile_ns(at) for at in (50, 99)}

    async def foreign_ns(self, messages: int) -> float:
        """CPU time of the second node for a message to a room without a member there."""
        with self.room("foreign", 2, at=[0]) as room:
            room.fan_out(self._texts(self._window), self._window)
            await quiet(self._cluster)
            before = cpu_ns(self._pids[1])
            room.fan_out(self._texts(messages), self._window)
            await quiet(self._cluster)
            return (cpu_ns(self._pids[1]) - before) / messages

    async def wasted(self, sizes: NodeSizes) -> float:
        """The share of the nodes' reads that concern none of their members."""
        placement = placed(sizes.spread, sizes.members, len(self.addresses), SEED)
        with ExitStack() as stack:
            rooms = []
            for number, here in enumerate(placement.rooms):
                at = [node for node, members in enumerate(here) for _ in range(members)]
                room = self.room(f"spread {number}", len(at), at)
                rooms.append(stack.enter_context(room))
            await quiet(self._cluster)
            before = await reads(self._cluster)
            for room in rooms:
                room.fan_out(self._texts(sizes.each), self._window)
            await quiet(self._cluster)
            after = await reads(self._cluster)
        read, _, concerned = (
            sum(it[place] for it in after) - sum(it[place] for it in before) for place in range(3)
        )
        return 1 - concerned / read if read else 0.0

    def _cpu(self) -> tuple[int, int, int]:
        redis = 0 if self._redis is None else cpu_ns(self._redis)
        return sum(map(cpu_ns, self._pids)), redis, cpu_ns(os.getpid())


@asynccontextmanager
async def running(
    transport: Transport, settings: Settings, count: int, joined: bool, texts: Texts, window: int
) -> AsyncIterator[Nodes]:
    """Run so many nodes, warm.

    Raises:
        ClusterError: a part does not start.
    """
    library = joined_by(transport.name) if joined else None
    plan = Plan(
        library or original(transport.name),
        count,
        options=ServeOptions(settings=settings),
        measured=True,
        joined=joined and library is None,
    )
    async with running_cluster(plan) as cluster:
        nodes = Nodes(cluster, texts, window)
        nodes.warm_up()
        yield nodes
