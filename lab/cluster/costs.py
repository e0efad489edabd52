"""Measures what nodes pay for each other's messages, and how well `model` predicts more nodes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import mean, median

from lab.chat.events import Message, RoomEvent
from lab.cluster import registry
from lab.cluster.cluster import Cluster, Plan, running_cluster
from lab.cluster.model import CALIBRATED, Costs, Placement, placed
from lab.contract import Connection, ConnectOptions, Transport
from lab.measure.clock import now_ns
from lab.measure.process import cpu_ns

IN_FLIGHT = 16
"""Messages of one speaker that wait for their reply at once, where CPU time is measured."""
PATIENCE_S = 60.0
MEMBERS = 3
ROOMS = 12
TEXT = "x" * 32


@dataclass(frozen=True)
class Sizes:
    """How much is measured: round trips, and messages in each case for the CPU time.

    `warm`: messages to each node before that, which let Node compile what it runs.
    """

    rounds: int = 400
    messages: int = 4000
    warm: int = 4000


@dataclass(frozen=True)
class Measured:
    """What one pass found. `local_us`, `remote_us`: p50 from `say` to the message at a member.

    `read_bytes`: the payload of one message. `predicted_us`, `found_us`: CPU time of a node for a
    message of any member, over several nodes. `predicted_wasted`, `found_wasted`: shares of reads.
    `mixing`: how many times the sum of its parts a mixture of rooms has cost, on fewer nodes. It
    is a factor of the prediction.
    """

    costs: Costs
    local_us: float
    remote_us: float
    read_bytes: float
    predicted_us: float
    found_us: float
    predicted_wasted: float
    found_wasted: float
    mixing: float


class Speaker:
    """A client that counts the messages that it gets."""

    def __init__(self) -> None:
        self.connection: Connection
        self._got = 0
        self._wanted = 0
        self._reached = asyncio.Event()

    def heard(self, event: RoomEvent) -> None:
        """Count a message."""
        if isinstance(event, Message):
            self._got += 1
            if self._got >= self._wanted:
                self._reached.set()

    def expect(self, more: int) -> None:
        """From now on, wait for so many messages."""
        self._wanted = self._got + more
        self._reached.clear()

    async def all_came(self) -> None:
        """Return when they have come.

        Raises:
            TimeoutError: they have not, within `PATIENCE_S`.
        """
        async with asyncio.timeout(PATIENCE_S):
            await self._reached.wait()


async def measure(transport: str, nodes: int, sizes: Sizes, seed: int) -> Measured:
    """Measure the costs on two nodes, and predict and measure a mixture on `nodes`."""
    async with _warm(transport, 2, sizes) as cluster:
        local_us, remote_us = await _latencies(cluster, sizes.rounds)
        costs, read_bytes = await _costs(cluster, sizes.messages)
    mixing = []
    for fewer in (it for it in CALIBRATED if it < nodes):
        placement = placed(ROOMS, MEMBERS, fewer, seed)
        async with _warm(transport, fewer, sizes) as cluster:
            found_us, _ = await _mixture(cluster, placement, sizes.messages)
        mixing.append(found_us / placement.cpu_us(costs))
    placement = placed(ROOMS, MEMBERS, nodes, seed)
    async with _warm(transport, nodes, sizes) as cluster:
        found_us, found_wasted = await _mixture(cluster, placement, sizes.messages)
    factor = mean(mixing) if mixing else 1.0
    return Measured(
        costs,
        local_us,
        remote_us,
        read_bytes,
        factor * placement.cpu_us(costs),
        found_us,
        placement.wasted(),
        found_wasted,
        factor,
    )


@asynccontextmanager
async def _warm(transport: str, nodes: int, sizes: Sizes) -> AsyncIterator[Cluster]:
    """Nodes on each of which a member has spoken for a while."""
    async with running_cluster(Plan(transport, nodes, measured=True)) as cluster:
        where = [(node, f"warm {node}") for node in range(nodes)]
        async with speakers(cluster, where) as found:
            for speaker, (_, room) in zip(found, where, strict=True):
                await say(speaker.connection, room, sizes.warm)
            await quiet(cluster)
        yield cluster


async def _latencies(cluster: Cluster, rounds: int) -> tuple[float, float]:
    async with speakers(cluster, [(0, "near"), (0, "near"), (0, "far"), (1, "far")]) as found:
        return (
            await _latency(found[0], found[1], "near", rounds),
            await _latency(found[2], found[3], "far", rounds),
        )


async def _latency(speaker: Speaker, hearer: Speaker, room: str, rounds: int) -> float:
    """The median time in microseconds from `say` to the message at the other member."""
    times = []
    for _ in range(rounds):
        hearer.expect(1)
        begun = now_ns()
        said = asyncio.ensure_future(speaker.connection.say(room, TEXT))
        await hearer.all_came()
        times.append((now_ns() - begun) / 1000)
        await said
    return median(times)


async def _costs(cluster: Cluster, messages: int) -> tuple[Costs, float]:
    """The CPU times of both nodes while a member at the first one speaks."""
    at = [(0, "alone"), (0, "one there"), (1, "one there")]
    crowd = [(0, "crowd"), *([(1, "crowd")] * 5)]
    async with speakers(cluster, [*at, *crowd]) as found:
        before = await reads(cluster)
        said, foreign = await _spoken(cluster, found[:1], ["alone"], messages)
        after = await reads(cluster)
        _, concerned = await _spoken(cluster, found[1:3], ["one there"], messages)
        _, five = await _spoken(cluster, found[3:], ["crowd"], messages)
    read = after[1][1] - before[1][1]
    return Costs(said, foreign, concerned, (five - concerned) / 4), read / messages


async def _spoken(
    cluster: Cluster, members: Sequence[Speaker], rooms: Sequence[str], messages: int
) -> list[float]:
    """CPU time in microseconds of each node for one message, which the first member says."""
    begun = [cpu_ns(node.ready.pid) for node in cluster.nodes]
    for member in members:
        member.expect(messages)
    await say(members[0].connection, rooms[0], messages)
    await asyncio.gather(*(member.all_came() for member in members))
    await quiet(cluster)
    ended = [cpu_ns(node.ready.pid) for node in cluster.nodes]
    return [(after - before) / 1000 / messages for before, after in zip(begun, ended, strict=True)]


async def say(connection: Connection, room: str, messages: int) -> None:
    """Say so many texts, `IN_FLIGHT` at once."""

    async def some(count: int) -> None:
        for _ in range(count):
            await connection.say(room, TEXT)

    share, rest = divmod(messages, IN_FLIGHT)
    await asyncio.gather(*(some(share + (number < rest)) for number in range(IN_FLIGHT)))


async def quiet(cluster: Cluster) -> None:
    """Return when no node reads any more: the last message has reached all."""
    async with asyncio.timeout(PATIENCE_S):
        before, after = None, await reads(cluster)
        while before != after:
            await asyncio.sleep(0.05)
            before, after = after, await reads(cluster)


async def _mixture(cluster: Cluster, placement: Placement, messages: int) -> tuple[float, float]:
    """CPU time of a node for a message of any member, and the share of wasted reads."""
    where = [
        (node, f"room {number}")
        for number, room in enumerate(placement.rooms)
        for node, here in enumerate(room)
        for _ in range(here)
    ]
    each = max(messages // len(where), 1)
    async with speakers(cluster, where) as found:
        await quiet(cluster)
        begun, before = [cpu_ns(it.ready.pid) for it in cluster.nodes], await reads(cluster)
        for speaker in found:
            speaker.expect(each * MEMBERS)
        for speaker, (_, room) in zip(found, where, strict=True):
            await say(speaker.connection, room, each)
        await asyncio.gather(*(speaker.all_came() for speaker in found))
        await quiet(cluster)
        ended, after = [cpu_ns(it.ready.pid) for it in cluster.nodes], await reads(cluster)
    used_us = (sum(ended) - sum(begun)) / 1000 / len(begun)
    read = sum(it[0] for it in after) - sum(it[0] for it in before)
    concerned = sum(it[2] for it in after) - sum(it[2] for it in before)
    return used_us / each / len(where), 1 - concerned / read


async def reads(cluster: Cluster) -> list[tuple[int, int, int]]:
    """What each node has read: messages, bytes, and messages that concerned it."""
    counts = [await node.counts() for node in cluster.nodes]
    return [
        (it.reads or 0, it.read_bytes or 0, it.concerned or 0) for it in counts if it is not None
    ]


@asynccontextmanager
async def speakers(
    cluster: Cluster, where: Sequence[tuple[int, str]]
) -> AsyncIterator[list[Speaker]]:
    """Clients, each at a node and in a room."""
    transport = registry.load(cluster.plan.transport, cluster.backplane)
    async with AsyncExitStack() as stack:
        found = []
        for number, (node, room) in enumerate(where):
            url = cluster.nodes[node].ready.url
            speaker = await _joined(transport, url, room, f"member {number}")
            stack.push_async_callback(speaker.connection.close)
            found.append(speaker)
        yield found


async def _joined(transport: Transport, url: str, room: str, name: str) -> Speaker:
    speaker = Speaker()
    options = ConnectOptions(timeout_s=PATIENCE_S)
    speaker.connection = await transport.connect(url, speaker.heard, options)
    await speaker.connection.join(room, name)
    return speaker


async def passes(
    transports: Sequence[str], nodes: int, count: int, sizes: Sizes, say: Callable[[str], None]
) -> dict[str, list[Measured]]:
    """Measure the transports in turn, `count` times, so that what disturbs meets all alike."""
    found: dict[str, list[Measured]] = {name: [] for name in transports}
    for number in range(count):
        for name in transports:
            say(f"pass {number + 1} of {count}: {name}")
            found[name].append(await measure(name, nodes, sizes, seed=number))
    return found
