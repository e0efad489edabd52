"""The claim `slow`: Socket.IO is slow; by how much, and is it protocol, library or polling?"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from statistics import median

import msgspec

from lab.chat.events import RoomEvent
from lab.claims.claim import Claim, Finding, Verdict, verdict_of
from lab.claims.fast_lines import visit
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Fleet
from lab.load.tapped_fan_out import tapped_fan_out
from lab.load.texts import incompressible
from lab.measure.process import CpuMeter, CpuUse, pin, plan_cores
from lab.measure.server import ServerProcess
from transports import registry

NATIVE, CONTROL = "websocket", "websocket-aiohttp"
SOCKETIO, POLLING = "socketio-websocket", "socketio-polling"
NODE_NATIVE, NODE_SOCKETIO = "node-websocket", "node-socketio-websocket"
TUNED_NATIVE, TUNED_SOCKETIO = "websocket-tuned", "socketio-websocket-tuned"
WIRES = (
    *(NATIVE, CONTROL, SOCKETIO, POLLING),
    *(TUNED_NATIVE, TUNED_SOCKETIO),
    *(NODE_NATIVE, NODE_SOCKETIO),
)

ROOM = "hall"
MEMBERS, MESSAGES, TEXT_BYTES = 20, 25, 64
PASSES = 5
TAPPED_MEMBERS = 5
SLOWER = 1.5
"""From here on it is called slower: well above what two runs of the same differ by."""


class Cost(msgspec.Struct, frozen=True):
    """What a message costs on one wire.

    `server_cpu_ns`: of one delivery, pass by pass, one message in flight. `saturated`: the side
    that had no CPU left, in the pass that used most. `bytes`: of one delivery, on the wire.
    `reply_rtts`: network round trips from a message to its reply.
    """

    wire: str
    server_cpu_ns: tuple[float, ...]
    saturated: str
    bytes: float
    reply_rtts: float


def factor(costs: Mapping[str, Cost], wire: str, against: str) -> float:
    """How many times as much CPU a delivery takes the server: the median of the passes' ratios."""
    pairs = zip(costs[wire].server_cpu_ns, costs[against].server_cpu_ns, strict=True)
    return median(one / other for one, other in pairs)


def factors(costs: Mapping[str, Cost]) -> dict[str, float]:
    """What Socket.IO takes of each thing on WebSocket, native WebSocket being 1."""
    native, theirs = costs[NATIVE], costs[SOCKETIO]
    found = {
        "round trips": theirs.reply_rtts / native.reply_rtts,
        "bytes": theirs.bytes / native.bytes,
        "server CPU": factor(costs, SOCKETIO, NATIVE),
    }
    if {TUNED_NATIVE, TUNED_SOCKETIO} <= costs.keys():
        found["server CPU without a library"] = factor(costs, TUNED_SOCKETIO, TUNED_NATIVE)
    if {NODE_NATIVE, NODE_SOCKETIO} <= costs.keys():
        found["server CPU in Node"] = factor(costs, NODE_SOCKETIO, NODE_NATIVE)
    return found


def judge(found: Iterable[float]) -> Verdict:
    """Whether it takes more of all things, of some, or of none."""
    return verdict_of(it >= SLOWER for it in found)


@dataclass(frozen=True)
class Hall:
    """A served wire and a room full of its clients."""

    wire: Transport
    server: ServerProcess
    audience: Audience
    fleet: Fleet

    async def cost(self, seed: int) -> tuple[float, CpuUse]:
        """The server's CPU for one delivery, in ns. Raises RuntimeError where one was lost."""
        meter = CpuMeter(os.getpid(), self.server.pid)
        texts = incompressible(TEXT_BYTES, MESSAGES, seed)
        meter.start()
        found = await fan_out(self.fleet.connections[0], ROOM, self.audience, texts, window=1)
        use = meter.stop()
        if found.lost or use.server_cpu_ns is None:
            raise RuntimeError(
                f"{self.wire.name}: {found.lost} of {found.expected} deliveries lost"
            )
        return use.server_cpu_ns / found.delivered, use


@asynccontextmanager
async def hall(name: str, server_cores: frozenset[int]) -> AsyncIterator[Hall]:
    """Serve a wire on these cores, and fill its room."""
    wire = registry.load(name)
    with ServerProcess(name, ["--unpaced"]) as server:
        pin(server.pid, server_cores)

        async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
            return await wire.connect(server.url, on_event, ConnectOptions())

        audience = Audience(MEMBERS)
        async with Fleet(connect, ROOM, audience.listeners()) as fleet:
            yield Hall(wire, server, audience, fleet)


async def timed(halls: Sequence[Hall]) -> dict[str, tuple[list[float], list[CpuUse]]]:
    """Each wire's CPU in interleaved passes of shuffled order; the first one warms up."""
    found: dict[str, tuple[list[float], list[CpuUse]]] = {it.wire.name: ([], []) for it in halls}
    for number in range(PASSES + 1):
        for it in random.Random(number).sample(halls, len(halls)):
            cpu_ns, use = await it.cost(number)
            if number:
                costs, uses = found[it.wire.name]
                costs.append(cpu_ns)
                uses.append(use)
    return found


async def on_the_wire(it: Hall) -> tuple[float, float]:
    """The bytes of one delivery, and the round trips of one message; nothing else is timed."""
    texts = incompressible(TEXT_BYTES, MESSAGES, PASSES + 1)
    port = int(it.server.ready["port"])
    url, options = it.server.url, ConnectOptions()
    counted = await tapped_fan_out(it.wire, url, port, TAPPED_MEMBERS, texts, 1, options)
    if counted.cost is None:
        raise RuntimeError(f"{it.wire.name}: no delivery was found in the bytes")
    line, _ = await visit(it.wire, it.server)
    return counted.cost.up.total + counted.cost.down.total, line.reply_rtts


@contextmanager
def apart() -> Iterator[frozenset[int]]:
    """This process, which is the load, on a core of its own; gives those for the servers."""
    before = frozenset(os.sched_getaffinity(0))
    cores = plan_cores(before)
    pin(os.getpid(), cores.load)
    try:
        yield cores.server
    finally:
        pin(os.getpid(), before)


async def measured(names: Iterable[str]) -> dict[str, Cost]:
    """What a message costs on each of these wires."""
    async with AsyncExitStack() as stack:
        server_cores = stack.enter_context(apart())
        halls = [await stack.enter_async_context(hall(name, server_cores)) for name in names]
        cpu = await timed(halls)
        wired = await asyncio.gather(*map(on_the_wire, halls))
    return {
        it.wire.name: _cost(it.wire.name, *cpu[it.wire.name], *seen)
        for it, seen in zip(halls, wired, strict=True)
    }


def _cost(
    wire: str, cpu_ns: Sequence[float], uses: Sequence[CpuUse], size: float, rtts: float
) -> Cost:
    busiest = max(uses, key=lambda use: max(use.load_share, use.server_share or 0))
    return Cost(wire, tuple(cpu_ns), busiest.saturated, size, rtts)


async def test() -> Finding:
    """Measure the wires that can run here, side by side."""
    names = [name for name in WIRES if name in registry.WIRES]
    costs = await measured(name for name in names if registry.unavailable(name) is None)
    return Finding(judge(factors(costs).values()), tuple(_told(costs)))


PARTS = (
    ("another library, the same protocol", CONTROL, NATIVE),
    ("the same library below, Socket.IO and its library on top", SOCKETIO, CONTROL),
    ("Socket.IO's protocol alone, both served without a library", TUNED_SOCKETIO, TUNED_NATIVE),
    ("Socket.IO and its library in Node", NODE_SOCKETIO, NODE_NATIVE),
    ("long-polling, one message in flight", POLLING, SOCKETIO),
)
"""What a ratio of two wires tells, as far as both were measured."""


def _told(costs: Mapping[str, Cost]) -> Iterator[str]:
    for what, wire, against in PARTS:
        if {wire, against} <= costs.keys():
            times = factor(costs, wire, against)
            yield f"Server CPU of a delivery, {what} ({wire} against {against}): {times:.2f}×."
    for cost in costs.values():
        yield (
            f"{cost.wire}: a delivery takes the server {median(cost.server_cpu_ns) / 1e3:.1f} µs "
            f"and {cost.bytes:.0f} B; a reply comes after {cost.reply_rtts:.2f} RTT; "
            f"without CPU left at the busiest: {cost.saturated}."
        )


CLAIM = Claim(
    name="slow",
    english="Socket.IO is slow.",
    korean="Socket.IO는 느리다.",
    asked=(
        "The same messages go to the same room in turn on native WebSocket, on Socket.IO over "
        "WebSocket and over long-polling, and CPU, bytes and round trips are compared."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "Once connected, a message on Socket.IO waits for as many round trips as on WebSocket and "
        "takes as many bytes, and without a library it costs the server little more: the protocol "
        "is not slow. What is dear is the work of a library for each delivery, several times as "
        "much in python-socketio, which counts in large rooms. Long-polling adds requests on top."
    ),
    test=test,
    common_belief=True,
)
