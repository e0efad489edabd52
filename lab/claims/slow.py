"""The claim `slow`: how much Socket.IO costs, and what causes it: protocol, library or polling."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from statistics import median

import msgspec

from lab.bilingual import Bilingual, joined, same
from lab.chat.events import RoomEvent
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.claims._support.threshold import needed, shown, verdict_of_sides
from lab.claims.fast_lines import measure_client
from lab.contract import Address, Connection, ConnectOptions, Transport
from lab.load.raw import RawRoom
from lab.load.tapped_fan_out import tapped_fan_out
from lab.load.texts import incompressible
from lab.load.warm_up import warm_up
from lab.measure.process import CpuMeter, CpuUse, pin, plan_cores
from lab.measure.server import ServerProcess
from lab.measure.stats import Comparison, paired_ratio
from lab.measure.threshold import Side, place
from transports import registry

NATIVE, CONTROL = "websocket", "websocket-aiohttp"
SOCKETIO, POLLING = "socketio-websocket", "socketio-polling"
NODE_NATIVE, NODE_SOCKETIO = "node-websocket", "node-socketio-websocket"
TUNED_NATIVE, TUNED_SOCKETIO = "websocket-tuned", "socketio-websocket-tuned"
TRANSPORTS = (
    *(NATIVE, CONTROL, SOCKETIO, POLLING),
    *(TUNED_NATIVE, TUNED_SOCKETIO),
    *(NODE_NATIVE, NODE_SOCKETIO),
)

ROOM = "lobby"
MEMBERS, MESSAGES, TEXT_BYTES = 50, 16, 64
PASSES = 16
TAPPED_MEMBERS = 5
SLOWER = 1.5
"""The ratio from which the claim calls Socket.IO slow: half as much again."""

PROTOCOL, NODE, PYTHON = "protocol", "Node", "Python"
STACKS = {
    PROTOCOL: (TUNED_SOCKETIO, TUNED_NATIVE),
    NODE: (NODE_SOCKETIO, NODE_NATIVE),
    PYTHON: (SOCKETIO, NATIVE),
}
"""What the verdict is about -> Socket.IO and native WebSocket of the same kind."""
OTHER_LIBRARY, SAME_LIBRARY, POLLED = "other library", "same library", "polling"
PARTS = {
    OTHER_LIBRARY: (CONTROL, NATIVE),
    SAME_LIBRARY: (SOCKETIO, CONTROL),
    POLLED: (POLLING, SOCKETIO),
}
"""Two other ratios of transports, for the explanation."""
PARTS_IN_WORDS = {
    OTHER_LIBRARY: Bilingual(
        "another library, the same protocol", "같은 프로토콜의 다른 라이브러리"
    ),
    SAME_LIBRARY: Bilingual(
        "Socket.IO and its library on top of the same library",
        "같은 라이브러리 위의 Socket.IO와 그 라이브러리",
    ),
    POLLED: Bilingual("long-polling, one message in flight", "롱 폴링, 메시지를 한 번에 하나씩"),
}


class MessageCost(msgspec.Struct, frozen=True):
    """What one message costs on one transport.

    `server_cpu_ns`: server CPU per delivery, one value per pass, with one message in flight.
    `saturated`: the side without free CPU, in the busiest pass. `bytes`: bytes on the wire per
    delivery. `reply_rtts`: network round trips from a message to its reply.
    """

    transport: str
    server_cpu_ns: tuple[float, ...]
    saturated: str
    bytes: float
    reply_rtts: float


Costs = Mapping[str, MessageCost]
"""Transport -> what a message costs on it."""


def ratio(costs: Costs, transport: str, against: str) -> Comparison:
    """Compare the server's CPU per delivery, pass by pass."""
    return paired_ratio(
        costs[transport].server_cpu_ns,
        costs[against].server_cpu_ns,
        lower_is_better=True,
        seed=PASSES,
    )


def ratios(costs: Costs, pairs: Mapping[str, tuple[str, str]]) -> dict[str, Comparison]:
    """Compare the pairs of which both were measured."""
    return {
        what: ratio(costs, transport, against)
        for what, (transport, against) in pairs.items()
        if {transport, against} <= costs.keys()
    }


def judge(found: Iterable[Comparison]) -> Verdict:
    """Judge whether Socket.IO is slow on every stack, on some, or on none."""
    sides = [place(compared, SLOWER).side for compared in found]
    return verdict_of_sides(sides, holds=Side.ABOVE)


@dataclass(frozen=True)
class PopulatedRoom:
    """A served transport with a room full of raw members."""

    transport: Transport
    server: ServerProcess
    room: RawRoom

    def cost(self, seed: int) -> tuple[float, CpuUse]:
        """Return the server's CPU per delivery, in ns. Raises RuntimeError where one is lost."""
        meter = CpuMeter(os.getpid(), self.server.pid)
        texts = incompressible(TEXT_BYTES, MESSAGES, seed)
        meter.start()
        found = self.room.fan_out(texts, window=1)
        use = meter.stop()
        if found.lost or use.server_cpu_ns is None:
            raise RuntimeError(
                f"{self.transport.name}: {found.lost} of {found.expected} deliveries lost"
            )
        return use.server_cpu_ns / found.delivered, use


@asynccontextmanager
async def populated_room(name: str, server_cores: frozenset[int]) -> AsyncIterator[PopulatedRoom]:
    """Serve a transport on these cores, warm it up, and fill its room."""
    transport = registry.load(name)
    with ServerProcess(name, ["--unpaced"]) as server:
        pin(server.pid, server_cores)
        address = msgspec.convert(server.ready, Address)

        async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
            return await transport.connect(address.url, on_event, ConnectOptions())

        await warm_up(transport, address, connect)
        with RawRoom(transport, address, ROOM, MEMBERS) as room:
            yield PopulatedRoom(transport, server, room)


def measure_cpu(
    rooms: Sequence[PopulatedRoom],
) -> dict[str, tuple[list[float], list[CpuUse]]]:
    """Measure each transport's CPU in interleaved, shuffled passes; the first does not count."""
    found: dict[str, tuple[list[float], list[CpuUse]]] = {
        it.transport.name: ([], []) for it in rooms
    }
    for number in range(PASSES + 1):
        for it in random.Random(number).sample(rooms, len(rooms)):
            cpu_ns, use = it.cost(number)
            if number:
                costs, uses = found[it.transport.name]
                costs.append(cpu_ns)
                uses.append(use)
    return found


async def bytes_and_round_trips(it: PopulatedRoom) -> tuple[float, float]:
    """Return the bytes per delivery and the round trips per message; nothing else is timed."""
    texts = incompressible(TEXT_BYTES, MESSAGES, PASSES + 1)
    port = int(it.server.ready["port"])
    url, options = it.server.url, ConnectOptions()
    counted = await tapped_fan_out(it.transport, url, port, TAPPED_MEMBERS, texts, 1, options)
    if counted.cost is None:
        raise RuntimeError(f"{it.transport.name}: the capture shows no delivery")
    cost, _ = await measure_client(it.transport, it.server)
    return counted.cost.up.total + counted.cost.down.total, cost.reply_rtts


@contextmanager
def on_separate_cores() -> Iterator[frozenset[int]]:
    """Pin this process, which is the load, to its own core; yield the cores for the servers."""
    before = frozenset(os.sched_getaffinity(0))
    cores = plan_cores(before)
    pin(os.getpid(), cores.load)
    try:
        yield cores.server
    finally:
        pin(os.getpid(), before)


async def measure(names: Iterable[str]) -> dict[str, MessageCost]:
    """Measure what one message costs on each of these transports."""
    async with AsyncExitStack() as stack:
        server_cores = stack.enter_context(on_separate_cores())
        rooms = [
            await stack.enter_async_context(populated_room(name, server_cores)) for name in names
        ]
        cpu = measure_cpu(rooms)
        bytes_and_rtts = await asyncio.gather(*map(bytes_and_round_trips, rooms))
    return {
        it.transport.name: _message_cost(it.transport.name, *cpu[it.transport.name], *seen)
        for it, seen in zip(rooms, bytes_and_rtts, strict=True)
    }


def _message_cost(
    transport: str, cpu_ns: Sequence[float], uses: Sequence[CpuUse], size: float, rtts: float
) -> MessageCost:
    busiest = max(uses, key=lambda use: max(use.load_share, use.server_share or 0))
    return MessageCost(transport, tuple(cpu_ns), busiest.saturated, size, rtts)


async def test() -> Finding:
    """Measure the transports that can run here, side by side."""
    names = [name for name in TRANSPORTS if name in registry.TRANSPORTS]
    costs = await measure(name for name in names if registry.unavailable(name) is None)
    found = ratios(costs, STACKS)
    evidence = (*_stacks(costs, found), *_parts(costs), *map(_describe, costs.values()))
    return Finding(judge(found.values()), in_short(found), evidence)


def in_short(found: Mapping[str, Comparison]) -> Bilingual:
    """Return the ratio of each stack."""
    each = (IN_SHORT_EACH.fill(what=NAMED[what], ratio=it.ratio) for what, it in found.items())
    return IN_SHORT.fill(each=joined(", ", each))


NAMED = {
    PROTOCOL: Bilingual("protocol", "프로토콜"),
    NODE: same(NODE),
    PYTHON: same(PYTHON),
}
IN_SHORT_EACH = Bilingual("{what} {ratio:.2f}×", "{what} {ratio:.2f}배")
IN_SHORT = Bilingual(
    "Server CPU per delivery, Socket.IO against WebSocket: {each}.",
    "전달 한 번의 서버 CPU, WebSocket에 대한 Socket.IO의 비율: {each}.",
)
STACK = Bilingual(
    "Socket.IO against WebSocket, {what}: server CPU per delivery {shown}: {placed}. Bytes per "
    "delivery {bytes:.2f}×, round trips to a reply {rtts:.2f}×.",
    "WebSocket에 대한 Socket.IO, {what}: 전달 한 번의 서버 CPU {shown}: {placed}. 전달 한 번의 "
    "바이트 {bytes:.2f}배, 응답까지의 왕복 {rtts:.2f}배.",
)
SLOW = Bilingual("slow (the limit is {limit}×)", "느림 (기준 {limit}배)")
NOT_SLOW = Bilingual("not slow (the limit is {limit}×)", "느리지 않음 (기준 {limit}배)")
UNDECIDED = Bilingual(
    "can't tell whether that is slow ({limit}× or more), because the interval covers this limit; "
    "{needed} would show it",
    "느린지({limit}배 이상) 판단할 수 없음. 구간이 기준을 포함하며, {needed} 필요함",
)
PART = Bilingual(
    "Server CPU per delivery, {what} ({transport} against {against}): {shown}.",
    "전달 한 번의 서버 CPU, {what} ({against}에 대한 {transport}): {shown}.",
)
ONE = Bilingual(
    "{transport}: one delivery costs {cpu:.1f} µs of server CPU and {bytes:.0f} B; a reply comes "
    "after {rtts:.2f} RTT; side without free CPU in the busiest pass: {saturated}.",
    "{transport}: 전달 한 번에 서버 CPU {cpu:.1f} µs와 {bytes:.0f} B가 들고, 응답은 {rtts:.2f} "
    "RTT 만에 옵니다. 가장 바쁜 회차에서 CPU가 모자란 쪽: {saturated}.",
)
SATURATED = {
    "neither": Bilingual("neither", "없음"),
    "server": Bilingual("server", "서버"),
    "load": Bilingual("load", "부하"),
    "both": Bilingual("both", "둘 다"),
}


def _stacks(costs: Costs, found: Mapping[str, Comparison]) -> Iterator[Bilingual]:
    for what, compared in found.items():
        transport, against = (costs[name] for name in STACKS[what])
        yield STACK.fill(
            what=NAMED[what],
            shown=shown(compared),
            placed=_placed(compared),
            bytes=transport.bytes / against.bytes,
            rtts=transport.reply_rtts / against.reply_rtts,
        )


def _placed(compared: Comparison) -> Bilingual:
    placed = place(compared, SLOWER)
    words = {Side.UNDECIDED: UNDECIDED, Side.ABOVE: SLOW, Side.BELOW: NOT_SLOW}[placed.side]
    return words.fill(limit=SLOWER, needed=needed(placed))


def _parts(costs: Costs) -> Iterator[Bilingual]:
    for what, compared in ratios(costs, PARTS).items():
        transport, against = PARTS[what]
        yield PART.fill(
            what=PARTS_IN_WORDS[what], transport=transport, against=against, shown=shown(compared)
        )


def _describe(cost: MessageCost) -> Bilingual:
    return ONE.fill(
        transport=cost.transport,
        cpu=median(cost.server_cpu_ns) / 1e3,
        bytes=cost.bytes,
        rtts=cost.reply_rtts,
        saturated=SATURATED.get(cost.saturated, same(cost.saturated)),
    )


CLAIM = Claim(
    name="slow",
    said=Bilingual(
        "Socket.IO is slow.",
        "Socket.IO는 느립니다.",
    ),
    experiment=Bilingual(
        "The same messages go to the same room on WebSocket and on Socket.IO, in interleaved "
        "passes after a warm-up: without a library, in Node, and in Python. The lab compares CPU, "
        "bytes and round trips. What costs half as much again counts as slow.",
        "같은 메시지를 같은 방에 WebSocket과 Socket.IO로, 준비 운전 뒤에 번갈아 여러 번 보냅니다. "
        "라이브러리 없이, Node에서, Python에서 각각 시험합니다. CPU와 바이트와 왕복을 비교하고, "
        "절반 이상 더 들면 느리다고 합니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "It depends on whose Socket.IO it is. The protocol is not slow: once connected, round "
        "trips are the same and bytes nearly so, and without a library the server needs little "
        "more CPU. In Node, Socket.IO is not slow either: a delivery costs a little more than "
        "with `ws`. In Python a delivery with python-socketio costs several times as much as with "
        "`websockets`, which matters in large rooms. Long-polling adds requests to that.",
        "누구의 Socket.IO인지에 따라 다릅니다. 프로토콜은 느리지 않습니다. 연결된 뒤에는 왕복 "
        "횟수가 같고, 바이트도 거의 같으며, 라이브러리 없이는 서버의 CPU도 조금 더 들 뿐입니다. "
        "Node의 Socket.IO도 느리지 않아서, 전달 한 번에 `ws`보다 조금 더 듭니다. Python에서는 "
        "python-socketio의 전달 한 번이 `websockets`의 몇 배가 들고, 큰 방에서 문제가 됩니다. 롱 "
        "폴링은 여기에 요청을 더합니다.",
    ),
    test=test,
    common_belief=True,
    notebook="07_protocol_or_library",
)
