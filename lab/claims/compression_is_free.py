"""The claim `compression-is-free`: what compression saves, and what it costs the server."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import msgspec

from lab.bilingual import Bilingual, joined
from lab.chat.events import Joined
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.claims._support.served import Served
from lab.claims._support.threshold import needed, shown
from lab.claims.slow import on_separate_cores
from lab.compression import OFF, STOCK, Compression
from lab.contract import Connection, ConnectOptions
from lab.load.closed_loop import ignore
from lab.load.fan_out import Audience
from lab.load.fleet import JoinRefusedError
from lab.load.tapped_fan_out import tapped_fan_out
from lab.measure.memory import settled_rss_bytes
from lab.measure.process import pin
from lab.measure.server import ServerProcess
from lab.measure.stats import Comparison, paired_ratio
from lab.measure.threshold import Side, place
from lab.weigh.samples import texts
from transports import registry

TRANSPORT = "websocket"
ALONE = Compression("set", 15, 6, takeover=False)
COMPRESSIONS = (STOCK, ALONE)
"""What is compared with off: what the library does by itself, and each message alone."""
KIND = "chat"
MESSAGES = {64: 40, 65536: 2}
"""Size of the text in bytes -> messages in a pass, with one in flight."""
ROOM, MEMBERS = "letters", 4
PASSES = 10
FIRST = 60
"""Connections before the first reading of the memory. They take what the server loads for its first
connections, and the memory that its start has freed."""
OPENED = 16
"""Further connections in each pass over the memory."""
MEMORY_PASSES = 6
PAGE = os.sysconf("SC_PAGE_SIZE")
COSTS = 1.25
"""The ratio from which something counts as a cost: a quarter more."""


class Size(msgspec.Struct, frozen=True):
    """Texts of one size: bytes per delivery on the wire, and the server's CPU per delivery.

    `cpu_ns`: one value per pass.
    """

    bytes: float
    cpu_ns: tuple[float, ...]


class Measured(msgspec.Struct, frozen=True):
    """One compression. `sizes`: size of the text -> what was measured with it.

    `memory_bytes`: the server's memory of one more connection, one value per pass.
    """

    sizes: Mapping[int, Size]
    memory_bytes: tuple[float, ...]


class Compared(msgspec.Struct, frozen=True):
    """One compression against none. `bytes`, `cpu`: by the size of the text."""

    compression: str
    bytes: Mapping[int, tuple[float, float]]
    cpu: Mapping[int, Comparison]
    memory: Comparison

    @property
    def saves(self) -> bool:
        """Whether a delivery of each size has fewer bytes."""
        return all(compressed < plain for plain, compressed in self.bytes.values())

    @property
    def costs(self) -> tuple[Comparison, ...]:
        """What it may cost."""
        return (self.memory, *self.cpu.values())


def judge(found: Iterable[Compared]) -> Verdict:
    """Judge whether every compression saves bytes, and none costs anything.

    One cost is enough against the claim. A ratio whose interval covers the threshold decides
    nothing.
    """
    every = list(found)
    sides = {place(cost, COSTS).side for each in every for cost in each.costs}
    if Side.ABOVE in sides or not all(each.saves for each in every):
        return Verdict.DOES_NOT_HOLD
    return Verdict.CANT_TELL if Side.UNDECIDED in sides or not sides else Verdict.HOLDS


def compare(compression: str, compressed: Measured, plain: Measured) -> Compared:
    """Compare a compression with none, pass by pass."""
    return Compared(
        compression,
        {size: (plain.sizes[size].bytes, each.bytes) for size, each in compressed.sizes.items()},
        {
            size: _ratio(each.cpu_ns, plain.sizes[size].cpu_ns)
            for size, each in compressed.sizes.items()
        },
        _ratio(compressed.memory_bytes, plain.memory_bytes),
    )


def _ratio(compressed: Sequence[float], plain: Sequence[float]) -> Comparison:
    return paired_ratio(compressed, plain, lower_is_better=True, seed=PASSES)


@dataclass
class Compressing(Served):
    """A server with one compression, and the clients that offer the same."""

    opened: list[Connection] = field(default_factory=list)

    async def open_more(self, count: int) -> int:
        """Open this many more connections that have joined. Return the server's memory then."""
        for _ in range(count):
            connection = await self.connect(ignore)
            self.opened.append(connection)
            number = len(self.opened)
            reply = await connection.join(f"room {number // 10}", f"guest {number}")
            if not isinstance(reply, Joined):
                raise JoinRefusedError(f"a guest was refused: {reply}")
        return await asyncio.to_thread(settled_rss_bytes, self.server.pid)

    async def close_all(self) -> None:
        """Close what `open_more` has opened."""
        with suppress(OSError):
            await asyncio.gather(*(connection.close() for connection in self.opened))

    async def bytes(self, size: int) -> float:
        """Return the bytes per delivery by the ledger; nothing is timed meanwhile."""
        said = texts(KIND, size, MESSAGES[size], 0)
        port = int(self.server.ready["port"])
        url = self.server.url
        counted = await tapped_fan_out(self.transport, url, port, 1, said, 1, self.options)
        if counted.cost is None:
            raise RuntimeError("the capture shows no delivery")
        return counted.cost.up.total + counted.cost.down.total


@asynccontextmanager
async def _serving(cores: frozenset[int]) -> AsyncIterator[dict[Compression, Compressing]]:
    transport = registry.load(TRANSPORT)
    async with AsyncExitStack() as stack:
        found = {}
        for each in (OFF, *COMPRESSIONS):
            server = ServerProcess(TRANSPORT, ["--unpaced", "--compression", str(each)])
            stack.enter_context(server)
            pin(server.pid, cores)
            options = ConnectOptions(compression=each)
            found[each] = Compressing(transport, server, options, Audience(MEMBERS))
        yield found


def _interleaved(passes: int) -> Iterator[tuple[int, list[Compression]]]:
    """Passes in which each compression has its turn in another order; the first does not count."""
    for number in range(passes + 1):
        yield number, random.Random(number).sample((OFF, *COMPRESSIONS), 1 + len(COMPRESSIONS))


async def measure_memory(
    serving: Mapping[Compression, Compressing],
) -> dict[Compression, tuple[float, ...]]:
    """Measure the memory of further connections of each server, step by step."""
    before = {each: await served.open_more(FIRST) for each, served in serving.items()}
    grown: dict[Compression, list[float]] = {each: [] for each in serving}
    for _, turns in _interleaved(MEMORY_PASSES - 1):
        read = await asyncio.gather(*(serving[each].open_more(OPENED) for each in turns))
        for each, now in zip(turns, read, strict=True):
            grown[each].append(max(now - before[each], PAGE) / OPENED)
            before[each] = now
    await asyncio.gather(*(served.close_all() for served in serving.values()))
    return {each: tuple(values) for each, values in grown.items()}


async def measure_cpu(
    serving: Mapping[Compression, Compressing],
) -> dict[Compression, dict[int, tuple[float, ...]]]:
    """Measure the server's CPU per delivery in interleaved passes; the first does not count."""
    found: dict[Compression, dict[int, list[float]]] = {
        each: {size: [] for size in MESSAGES} for each in serving
    }
    async with AsyncExitStack() as stack:
        rooms = {
            each: await stack.enter_async_context(served.fleet(ROOM))
            for each, served in serving.items()
        }
        for number, turns in _interleaved(PASSES):
            for size, count in MESSAGES.items():
                said = texts(KIND, size, count, number)
                for each in turns:
                    sender = rooms[each].connections[0]
                    cost = await serving[each].deliver(sender, ROOM, said, 1)
                    found[each][size] += [cost.cpu_ns] if number else []
    return {
        each: {size: tuple(values) for size, values in sizes.items()}
        for each, sizes in found.items()
    }


async def measure() -> dict[Compression, Measured]:
    """Measure the transport without compression and with each of `COMPRESSIONS`."""
    with on_separate_cores() as cores:
        async with _serving(cores) as serving:
            memory = await measure_memory(serving)
            cpu = await measure_cpu(serving)
            return {
                each: Measured(
                    {size: Size(await served.bytes(size), cpu[each][size]) for size in MESSAGES},
                    memory[each],
                )
                for each, served in serving.items()
            }


async def test() -> Finding:
    """Measure bytes, memory and CPU with each compression and without."""
    measured = await measure()
    found = [compare(str(each), measured[each], measured[OFF]) for each in COMPRESSIONS]
    evidence = tuple(sentence for each in found for sentence in _describe(each))
    return Finding(judge(found), in_short(found[0]), evidence)


def in_short(found: Compared) -> Bilingual:
    """Return what the library's own compression saves, and what it costs."""
    bytes_each = [
        SAVED.fill(size=size, plain=plain, compressed=compressed)
        for size, (plain, compressed) in found.bytes.items()
    ]
    return IN_SHORT.fill(
        bytes=joined(", ", bytes_each),
        memory=found.memory.ratio,
        cpu=found.cpu[max(found.cpu)].ratio,
        size=max(found.cpu),
    )


SAVED = Bilingual(
    "{plain:,.0f} B become {compressed:,.0f} B (a text of {size:,} B)",
    "{plain:,.0f} B가 {compressed:,.0f} B (본문 {size:,} B)",
)
IN_SHORT = Bilingual(
    "A delivery's {bytes}. A connection takes {memory:.2f}× the memory, and a delivery of "
    "{size:,} B {cpu:.1f}× the server's CPU.",
    "전달 한 번의 {bytes}. 연결 하나의 메모리는 {memory:.2f}배, {size:,} B 전달의 서버 CPU는 "
    "{cpu:.1f}배입니다.",
)
BYTES = Bilingual(
    "{compression}, texts of {size:,} B: a delivery has {compressed:,.0f} B instead of "
    "{plain:,.0f} B ({ratio:.2f}×).",
    "{compression}, 본문 {size:,} B: 전달 한 번이 {plain:,.0f} B 대신 {compressed:,.0f} "
    "B입니다({ratio:.2f}배).",
)
CPU = Bilingual(
    "{compression}, texts of {size:,} B: server CPU per delivery {shown}: {placed}.",
    "{compression}, 본문 {size:,} B: 전달 한 번의 서버 CPU {shown}: {placed}.",
)
MEMORY = Bilingual(
    "{compression}: server memory of a connection {shown}: {placed}.",
    "{compression}: 연결 하나의 서버 메모리 {shown}: {placed}.",
)
PLACED = {
    Side.ABOVE: Bilingual("a cost (the limit is {limit}×)", "비용이 있음 (기준 {limit}배)"),
    Side.BELOW: Bilingual("no cost (the limit is {limit}×)", "비용이 없음 (기준 {limit}배)"),
    Side.UNDECIDED: Bilingual(
        "can't tell, because the interval covers the limit of {limit}×; {needed} would show it",
        "구간이 기준 {limit}배를 포함하여 판단할 수 없으며, {needed} 필요함",
    ),
}


def _describe(found: Compared) -> Iterator[Bilingual]:
    for size, (plain, compressed) in found.bytes.items():
        yield BYTES.fill(
            compression=found.compression,
            size=size,
            plain=plain,
            compressed=compressed,
            ratio=compressed / plain,
        )
        yield CPU.fill(compression=found.compression, size=size, **_placed(found.cpu[size]))
    yield MEMORY.fill(compression=found.compression, **_placed(found.memory))


def _placed(compared: Comparison) -> dict[str, Bilingual]:
    placed = place(compared, COSTS)
    words = PLACED[placed.side].fill(limit=COSTS, needed=needed(placed))
    return {"shown": shown(compared), "placed": words}


CLAIM = Claim(
    name="compression-is-free",
    said=Bilingual(
        "Compression saves bytes at no cost.",
        "압축은 아무 비용 없이 바이트를 아낍니다.",
    ),
    experiment=Bilingual(
        "Chat messages of 64 B and of 64 KiB go to a room of four on WebSocket, without "
        "compression and with two settings of permessage-deflate. The lab counts the bytes, and "
        "compares CPU and memory of the server in interleaved passes. A quarter more counts as a "
        "cost.",
        "64 B와 64 KiB의 채팅 메시지를 WebSocket의 네 명짜리 방에 보냅니다. 압축 없이, 그리고 "
        "permessage-deflate의 두 가지 설정으로 보냅니다. 바이트를 세고, 서버의 CPU와 메모리를 "
        "번갈아 측정해 비교합니다. 4분의 1 이상 더 들면 비용으로 봅니다.",
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=Bilingual(
        "It does save bytes, of small messages above all where a connection keeps its context. "
        "But the context takes memory of each connection for as long as it is open. Each "
        "member's copy is compressed for itself, so large messages cost many times the CPU. "
        "Without a kept context the memory stays low, and small messages shrink less.",
        "바이트는 분명히 줄어듭니다. 특히 연결이 컨텍스트를 유지하면 작은 메시지가 많이 "
        "줄어듭니다. 그러나 컨텍스트는 연결이 열려 있는 동안 연결마다 메모리를 차지합니다. "
        "멤버마다 사본을 따로 압축하므로, 큰 메시지는 CPU가 몇 배나 더 듭니다. 컨텍스트를 유지하지 "
        "않으면 메모리는 적게 들지만, 작은 메시지는 덜 줄어듭니다.",
    ),
    test=test,
    common_belief=True,
    notebook="02_bytes_on_the_wire",
)
