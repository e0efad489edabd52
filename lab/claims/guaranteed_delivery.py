"""The claim `guaranteed-delivery`: what is emitted on Socket.IO arrives, once and in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import msgspec

from lab.chat.commands import Say
from lab.chat.events import Departed, Joined, Message, RoomEvent
from lab.claims.claim import Claim, Finding, Verdict
from lab.claims.comeback import comeback
from lab.claims.taped import taped
from lab.contract import Connection, ConnectOptions
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from transports import registry

WIRES = ("socketio", "node-socketio")
MANY, FEW = 500, 10
LAST = "the last"
PATIENCE_S = 45.0


class Delivery(msgspec.Struct, frozen=True):
    """What became of texts. `aided`: by the room's `after` or `key`, and not by Socket.IO alone."""

    wire: str
    how: str
    aided: bool
    sent: int
    missed: int
    doubled: int
    in_order: bool

    @property
    def exactly_once(self) -> bool:
        """Each text came, and came once."""
        return not (self.missed or self.doubled)


def compare(
    wire: str, how: str, aided: bool, sent: Sequence[str], heard: Iterable[str]
) -> Delivery:
    """Hold what was heard against what was sent."""
    came = Counter(heard)
    missed = sum(text not in came for text in sent)
    doubled = sum(times - 1 for times in came.values())
    in_order = list(came) == [text for text in sent if text in came]
    return Delivery(wire, how, aided, len(sent), missed, doubled, in_order)


def judge(deliveries: Iterable[Delivery]) -> Verdict:
    """Whether Socket.IO alone delivers each text once and in order: on all wires, some, or none."""
    kept: dict[str, bool] = {}
    for it in deliveries:
        if not it.aided:
            kept[it.wire] = kept.get(it.wire, True) and it.exactly_once and it.in_order
    if all(kept.values()):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(kept.values()) else Verdict.DOES_NOT_HOLD


class Member:
    """Somebody in the room: what he has heard, in order, and whom he has seen depart."""

    def __init__(self, room: str) -> None:
        self.connection: Connection
        self.texts: list[str] = []
        self.departed: list[str] = []
        self._room = room

    async def enter(self, server: ServerProcess, url: str, name: str) -> Self:
        """Connect and join. Raises RuntimeError where he is not let in."""
        wire = registry.load(server.wire)
        self.connection = await wire.connect(url, self._take, ConnectOptions())
        if not isinstance(reply := await self.connection.join(self._room, name), Joined):
            raise RuntimeError(f"{name} was not let in: {reply}")
        return self

    def _take(self, event: RoomEvent) -> None:
        if isinstance(event, Message):
            self.texts.append(event.text)
        elif isinstance(event, Departed):
            self.departed.append(event.name)

    async def say(self, text: str, key: str | None = None) -> None:
        """Say a text, and wait for no answer."""
        await self.connection.send(Say(self.connection.next_id(), self._room, text, key))

    async def say_all(self, texts: Sequence[str]) -> None:
        """Say texts as fast as it goes, and return when the room has said the last one."""
        for text in texts:
            await self.say(text)
        await until(lambda: texts[-1] in self.texts)


async def until(condition: Callable[[], Any]) -> None:
    """Wait for it; whoever calls has set the time limit."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in callbacks of a library
        await asyncio.sleep(0.002)


async def unbroken(server: ServerProcess) -> tuple[Delivery, Tape]:
    """Texts in a row, on lines that hold."""
    how = "on a line that holds"
    async with taped(server.url, int(server.ready["port"])) as line:
        ben = await Member(how).enter(server, line.entrance, "ben")
        ann = await Member(how).enter(server, server.url, "ann")
        texts = [f"number {number}" for number in range(MANY)]
        await ann.say_all(texts)
        await until(lambda: texts[-1] in ben.texts)
        await asyncio.gather(ann.connection.close(), ben.connection.close())
        return compare(server.wire, how, False, texts, ben.texts), line.tape


async def cut(server: ServerProcess, resumes: bool) -> tuple[Delivery, Tape]:
    """Texts while a member's line is dead; his library reconnects, and he joins again."""
    how = f"said while the line is dead, then {'joined with `after`' if resumes else 'joined'}"
    async with (
        taped(server.url, int(server.ready["port"])) as line,
        comeback(line.entrance, how, resumes) as ben,
    ):
        ann = await Member(how).enter(server, server.url, "ann")
        texts = [f"number {number}" for number in range(FEW)]
        line.relay.stall()
        await ann.say_all(texts)
        line.relay.cut()
        line.relay.resume()
        await ben.joined.get()
        await ann.say_all([LAST])
        await until(lambda: LAST in ben.heard)
        await ann.connection.close()
        return compare(server.wire, how, resumes, [*texts, LAST], ben.heard), line.tape


async def repeated(server: ServerProcess, keyed: bool) -> tuple[Delivery, Tape]:
    """A text whose acknowledgement is lost with the line, and which is therefore said again."""
    how = f"said again, since no answer came, {'with' if keyed else 'without'} a key"
    key = "a key" if keyed else None
    texts = ["the text", LAST]
    async with taped(server.url, int(server.ready["port"])) as line:
        ben = await Member(how).enter(server, server.url, "ben")
        ann = await Member(how).enter(server, line.entrance, "ann")
        line.relay.stall("down")
        await ann.say(texts[0], key)
        await until(lambda: texts[0] in ben.texts)
        line.relay.cut()
        line.relay.resume()
        await until(lambda: "ann" in ben.departed)
        again = await Member(how).enter(server, line.entrance, "ann")
        await again.say(texts[0], key)
        await again.say(LAST)
        await until(lambda: LAST in ben.texts)
        await asyncio.gather(*(it.connection.close() for it in (ann, again, ben)))
        return compare(server.wire, how, keyed, texts, ben.texts), line.tape


async def test() -> Finding:
    """Bend the lines of a room, in Python and in Node, and count what was heard."""
    found = []
    for wire in WIRES:
        if wire in registry.WIRES and registry.unavailable(wire) is None:
            with ServerProcess(wire) as server:
                async with asyncio.timeout(PATIENCE_S):
                    found.append(await unbroken(server))
                    found += [await cut(server, resumes) for resumes in (False, True)]
                    found += [await repeated(server, keyed) for keyed in (False, True)]
    deliveries = [delivery for delivery, _ in found]
    tapes = {f"{it.wire}, {it.how}": tape for it, tape in found}
    return Finding(judge(deliveries), tuple(map(_told, deliveries)), tapes)


def _told(it: Delivery) -> str:
    order = "in order" if it.in_order else "out of order"
    return (
        f"{it.wire}, {it.how}: {it.sent} texts, {it.missed} missed, {it.doubled} doubled, {order}."
    )


CLAIM = Claim(
    name="guaranteed-delivery",
    english="Socket.IO guarantees delivery: what is emitted arrives, once and in order.",
    korean="Socket.IO는 전달을 보장한다. 보낸 이벤트는 빠짐없이, 한 번만, 순서대로 도착한다.",
    asked=(
        "Texts are said on a line that holds, while a member's line is cut, and again after an "
        "acknowledgement was lost, and what is heard is held against what was said."
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=(
        "The order is kept, as TCP keeps it. But delivery is at most once: what is emitted while a "
        "line is dead is gone, although the library reconnects, and who says it again may be heard "
        "twice. It becomes exactly once where the application numbers its events and resumes after "
        "the last one seen, and gives what it says a key, as this room does."
    ),
    test=test,
    common_belief=True,
)
