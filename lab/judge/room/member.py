"""A member of the room on the wire: commands out, replies and events in, each with its place.

What a native transport carries is JSON in text frames, and what Socket.IO carries are events and
acknowledgements (docs/room.md, On the wire).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, NamedTuple

from lab.judge.engineio.session import Frames, Packet, Session, in_frames, in_posts
from lab.judge.player import Player
from lab.judge.socketio.entering import enter

Fields = dict[str, Any]
UNTIL_REPLY = 4096
"""The most packets that may come before a reply."""


class Said(NamedTuple):
    """What the server said: a reply to a command, or an event."""

    packet: Packet
    fields: Fields

    def must_be(self, kind: str, **expected: Any) -> Said:
        """Raise WrongError unless it is of this kind and has these fields."""
        for name, value in {"type": kind, **expected}.items():
            if self.fields.get(name, _absent) != value:
                raise self.wrong(f"{name}: {json.dumps(value, ensure_ascii=False)}", name)
        return self

    def wrong(self, expected: str, name: str = "") -> Exception:
        """The error that a field is wrong; at the field where there is one."""
        text = self.packet.data if isinstance(self.packet.data, str) else ""
        at = text.encode().find(f'"{name}"'.encode())
        return self.packet.wrong(expected, max(at, 0))


_absent = object()


class Dialect(ABC):
    """How commands and events look on a kind of transport."""

    @abstractmethod
    def command(self, kind: str, number: int, fields: Fields) -> str:
        """The packet of a command."""

    @abstractmethod
    def read(self, packet: Packet) -> tuple[int | None, Said] | None:
        """The id of a reply, and what is said. An event has no id. None: it is neither."""


class Native(Dialect):
    """One text frame is one command, reply or event."""

    def command(self, kind: str, number: int, fields: Fields) -> str:
        return json.dumps({"type": kind, "id": number, **fields})

    def read(self, packet: Packet) -> tuple[int | None, Said] | None:
        said = _object(packet, str(packet.data))
        number = said.fields.get("id")
        return (number if isinstance(number, int) else None), said


class OnSocketio(Dialect):
    """A command is an event, and its acknowledgement is the reply."""

    def command(self, kind: str, number: int, fields: Fields) -> str:
        asks = "" if kind == "typing" and "room" in fields else number  # it has no reply
        return f"42{asks}{json.dumps([kind, fields])}"

    def read(self, packet: Packet) -> tuple[int | None, Said] | None:
        text = packet.data
        if not isinstance(text, str) or text[:2] not in ("42", "43"):
            return None
        number, bracket, _ = text[2:].partition("[")
        try:
            said: Any = json.loads(text[2 + len(number) :]) if bracket else None
            if text[1] == "3":
                (fields,) = said
                return int(number), Said(packet, dict(fields))
            kind, fields = said
            return None, Said(packet, {"type": kind, **fields})
        except (TypeError, ValueError):
            raise packet.wrong("an event or an acknowledgement with one object") from None


def _object(packet: Packet, text: str) -> Said:
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise packet.wrong("an object in JSON")
    return Said(packet, fields)


class Member:
    """One connection that sends commands. `replies`: those that nobody has awaited yet."""

    def __init__(self, session: Session, dialect: Dialect) -> None:
        self.session = session
        self._dialect = dialect
        self._numbers = count(1)
        self._events: deque[Said] = deque()
        self.replies: dict[int | None, Said] = {}

    async def send(self, kind: str, **fields: Any) -> int:
        """Send a command; returns its id."""
        number = next(self._numbers)
        await self.session.send(self._dialect.command(kind, number, fields))
        return number

    async def ask_many(self, count: int, kind: str, **fields: Any) -> list[Said]:
        """Send a command several times in one go, and await the replies."""
        numbers = [next(self._numbers) for _ in range(count)]
        await self.session.send(*(self._dialect.command(kind, n, fields) for n in numbers))
        return [await self.reply(number) for number in numbers]

    async def ask(self, kind: str, **fields: Any) -> Said:
        """Send a command and await its reply; events that come before are kept."""
        return await self.reply(await self.send(kind, **fields))

    async def reply(self, number: int | None) -> Said:
        """The reply to the command with this id."""
        for _ in range(UNTIL_REPLY):
            if number in self.replies:
                return self.replies.pop(number)
            await self._read(f"a reply to command {number}")
        raise AssertionError("the server sends events without end")

    async def event(self) -> Said:
        """The next event."""
        while not self._events:
            await self._read("an event")
        return self._events.popleft()

    @property
    def has_events(self) -> bool:
        """Whether an event has been read that nobody has taken."""
        return bool(self._events)

    async def sees(self, kind: str, **expected: Any) -> Said:
        """The next event, which has to be of this kind, with these fields."""
        return (await self.event()).must_be(kind, **expected)

    async def sees_no_more(self) -> None:
        """Check that no event comes before the reply to a command that is sent now."""
        await self.ask("rooms", limit=1)
        if self._events:
            raise self._events[0].wrong("no event", "type")

    async def join(self, room: str, name: str, **fields: Any) -> Said:
        """Join; the reply must be `joined`."""
        return (await self.ask("join", room=room, name=name, **fields)).must_be("joined")

    async def say(self, room: str, text: str, **fields: Any) -> Said:
        """Say a text; the reply must be `said`."""
        return (await self.ask("say", room=room, text=text, **fields)).must_be("said", room=room)

    async def refused(self, code: str, kind: str, **fields: Any) -> None:
        """Send a command that has to be refused with this code."""
        reply = (await self.ask(kind, **fields)).must_be("refused", code=code)
        if not reply.fields.get("reason"):
            raise reply.wrong("a reason", "reason")

    async def _read(self, expected: str) -> None:
        packet = await self.session.due(expected)
        if (read := self._dialect.read(packet)) is None:
            return
        number, said = read
        if number is not None or said.fields.get("type") == "refused":
            self.replies[number] = said
        else:
            self._events.append(said)


@asynccontextmanager
async def native(player: Player) -> AsyncIterator[Member]:
    """A connection to a native server."""
    async with player.upgraded() as connection:
        yield Member(Frames(player, connection), Native())


@asynccontextmanager
async def on_frames(player: Player) -> AsyncIterator[Member]:
    """A client of Socket.IO in frames."""
    async with in_frames(player) as session:
        await enter(session)
        yield Member(session, OnSocketio())


@asynccontextmanager
async def on_posts(player: Player) -> AsyncIterator[Member]:
    """A client of Socket.IO in POSTs."""
    async with in_posts(player) as session:
        await enter(session)
        yield Member(session, OnSocketio())
