"""The lesson of 12_durable: what is left of a chat room after its server was killed."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.chat.events import Joined, Message, RoomEvent, Said
from lab.contract import Connection, ConnectionClosedError, ConnectOptions
from lab.measure.figures.durability import JOURNALS
from lab.measure.server import ServerProcess
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, table
from lab.notebook.recorded import Recorded
from lab.report.pictures import style
from transports import registry

TRANSPORT = "websocket"
ROOM = "lobby"
WINDOW = 16
MEMORY, DURABLE = "in memory", "--durable"
COSTS = {
    "cpu_us": ("server CPU of a message, µs", "메시지 한 건의 서버 CPU, µs"),
    "p50_ms": ("until all have it, p50, ms", "모두에게 닿을 때까지, p50, ms"),
    "per_commit": ("messages in a commit", "커밋 하나의 메시지"),
}
"""What a run of the experiment measures -> its name in English and Korean."""

KEY = Expected(
    "key",
    "docs/room.md: which field of `say` names the text, so that the server knows it again?",
    "docs/room.md: `say`의 어느 필드로 서버가 같은 글임을 압니까?",
)
COMMITS = Expected(
    1,
    "All commands that one turn of the event loop brings are one commit.",
    "이벤트 루프의 한 차례에 온 명령은 모두 커밋 하나가 됩니다.",
    within=0,
)


@dataclass(frozen=True)
class Killed:
    """One server that was killed and started again. All are counts of texts.

    `acknowledged`: their replies had come. `kept`: acknowledged, and in the room after the restart.
    `doubled`: more than once in the room after every text was said again.
    """

    said: int
    acknowledged: int
    kept: int
    doubled: int
    same_room: bool

    @property
    def lost(self) -> int:
        """Acknowledged, and gone."""
        return self.acknowledged - self.kept


@dataclass(frozen=True)
class Servers:
    """How the rooms are kept -> the server that was killed."""

    killed: dict[str, Killed]

    def picture(self) -> Picture:
        """Draw what was acknowledged, and what of it is there after the restart."""
        rows = list(self.killed.items())
        with style.applied():
            canvas = style.canvas(2.1 + 0.5 * len(rows))
            ax = canvas.subplots()
            for row, (_, one) in enumerate(rows):
                ax.barh(row, one.kept, 0.6, color="#0072B2")
                ax.barh(row, one.lost, 0.6, left=one.kept, fc="#E69F00", ec=style.PAPER, hatch="//")
                texts = f"{one.kept} kept, {one.lost} lost"
                ax.annotate(texts, (one.acknowledged, row), (5, 0), **style.BESIDE)
            ax.set_yticks(range(len(rows)), [way for way, _ in rows])
            ax.set_ylim(len(rows) - 0.4, -0.6)
            ax.set_xlim(0, 1.3 * max(one.acknowledged for _, one in rows))
            ax.set_xlabel("texts that were acknowledged before the kill")
            note = f"{TRANSPORT}, one server each; the process was killed with {WINDOW} in flight"
            style.frame(canvas, f"What is left of the room after kill -9: {self._finding()}", note)
        return Picture(canvas)

    def counted(self) -> Prose:
        """Return a table of all counts."""
        heads = ["rooms", "said", "acknowledged", "lost", "twice after all were said again"]
        korean = ["방", "보냄", "응답을 받음", "사라짐", "모두 다시 보낸 뒤 두 번 있음"]
        rows = [
            [f"`{way}`", one.said, one.acknowledged, one.lost, one.doubled]
            for way, one in self.killed.items()
        ]
        return table(heads, rows, korean)

    def answer(self) -> Prose:
        """Say how many acknowledged texts each server lost."""
        found = {way: f"**{one.lost}**" for way, one in self.killed.items()}
        lost = ", ".join(f"`{way}` {count}" for way, count in found.items())
        return Prose(
            f"Acknowledged texts that are gone: {lost}.",
            f"응답을 받았지만 사라진 글: {lost}.",
        )

    def _finding(self) -> str:
        return ", ".join(f"{way} {one.lost} lost" for way, one in self.killed.items())


def costs(recorded: Recorded, transport: str) -> Prose:
    """Return a table of what each journal costs in the lab's own run, with `WINDOW` in flight."""
    rows = [
        (name, [recorded.shown(f"durability_{of}_{WINDOW}_{name}", transport) for of in JOURNALS])
        for name in COSTS
    ]
    english = table(["", *JOURNALS], [[COSTS[name][0], *cells] for name, cells in rows])
    korean = table(["", *JOURNALS], [[COSTS[name][1], *cells] for name, cells in rows])
    return Prose(english.markdown, korean.markdown)


def added_us(recorded: Recorded, transport: str, sync: str) -> float | None:
    """Return the server CPU that the journal adds to a message, in µs; None: not measured."""
    return recorded.median(f"durability_{sync}_{WINDOW}_added_us", transport)


async def kill(ways: Sequence[str], texts: int) -> Servers:
    """Kill a server in the middle of a conversation and start it again: nothing here is timed."""
    return Servers({way: await _killed(way, texts) for way in ways})


async def _killed(way: str, count: int) -> Killed:
    texts = [f"text {number}" for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--unpaced"]
        if way == DURABLE:
            arguments += ["--durable", str(Path(folder, "rooms.db"))]
        with ServerProcess(TRANSPORT, arguments) as server:
            before, acknowledged = await _talk_until_killed(server, texts)
        with ServerProcess(TRANSPORT, arguments) as server:
            return await _look(server, before, texts, acknowledged)


async def _talk_until_killed(
    server: ServerProcess, texts: Sequence[str]
) -> tuple[Joined, list[str]]:
    """Kill the server once half of the texts are acknowledged; return what is by then."""
    ann = await _connect(server, [])
    joined = await ann.join(ROOM, "ann")
    assert isinstance(joined, Joined)
    acknowledged: list[str] = []
    waiting, enough = iter(texts), len(texts) // 2

    async def talk() -> None:
        while len(acknowledged) < enough:
            text = next(waiting)
            try:
                reply = await ann.say(ROOM, text, key=text)
            except ConnectionClosedError:
                return
            if isinstance(reply, Said):
                acknowledged.append(text)
            if len(acknowledged) == enough:
                server.abandon()

    await asyncio.gather(*(talk() for _ in range(WINDOW)))
    await asyncio.shield(ann.closed)
    return joined, acknowledged


async def _look(
    server: ServerProcess, before: Joined, texts: Sequence[str], acknowledged: list[str]
) -> Killed:
    """Come back, read the room, say everything again under the same keys, and read once more."""
    events: list[RoomEvent] = []
    ann = await _connect(server, events)
    joined = await ann.join(ROOM, "ann", after=before.seq, epoch=before.epoch)
    assert isinstance(joined, Joined)
    await ann.rooms()
    kept = {event.text for event in events if isinstance(event, Message)}
    for text in texts:
        await ann.say(ROOM, text, key=text)
    await ann.rooms()
    await ann.close()
    there = [event.text for event in events if isinstance(event, Message)]
    return Killed(
        said=len(texts),
        acknowledged=len(acknowledged),
        kept=len(kept.intersection(acknowledged)),
        doubled=len(there) - len(set(there)),
        same_room=joined.epoch == before.epoch,
    )


async def _connect(server: ServerProcess, events: list[RoomEvent]) -> Connection:
    transport = registry.load(TRANSPORT)
    return await transport.connect(server.url, events.append, ConnectOptions())
