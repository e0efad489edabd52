"""The chat of one node on python-socketio and its `AsyncRedisManager`, as its users write it.

Membership is the library's, and each node knows its own part of it. `lab.cluster.registry` says
what follows from that.
"""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import socketio
from aiohttp import web

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.events import Code, Departed, RoomEvent, Why
from lab.chat.limits import Limits
from lab.contract import Address, ServeOptions
from transports._socketio.engine import Engine
from transports._socketio.server import new_server


class Counts(msgspec.Struct):
    """What a node counts since its start.

    `members`: memberships now. `deliveries`: a message to a member is one. `reads`, `read_bytes`:
    messages that came from the backplane, and their payloads. `concerned`: those of them that had
    a member here.
    """

    sessions: int = 0
    members: int = 0
    deliveries: int = 0
    reads: int = 0
    read_bytes: int = 0
    concerned: int = 0


class CountingManager(socketio.AsyncRedisManager):  # type: ignore[misc]
    """The library's manager, which counts what it reads and gives out."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.counts = Counts()

    async def _listen(self) -> AsyncIterator[Any]:
        async for data in super()._listen():
            self.counts.reads += 1
            self.counts.read_bytes += len(data)
            yield data

    async def _handle_emit(self, message: Mapping[str, Any]) -> None:
        members = self.rooms.get("/", {}).get(message["room"], ())
        here = len(members) - (message["skip_sid"] in members)
        if here and message["host_id"] != self.host_id:
            self.counts.concerned += 1
        self.counts.deliveries += here
        await super()._handle_emit(message)


class Application:
    """Handles the events of one node's clients, and emits to rooms of all nodes."""

    address: Address

    def __init__(
        self, url: str, limits: Limits, options: ServeOptions, transports: Sequence[str]
    ) -> None:
        self._manager = CountingManager(url)
        self.sio = new_server(limits, options, transports, manager=self._manager)
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        """Room -> sid -> name, of the members at this node."""
        self._last: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self.sio.on("connect", self._connected)
        self.sio.on("disconnect", self._disconnected)
        for name in commands.NAMES:
            self.sio.on(name, partial(self._command, name))

    @property
    def engine(self) -> Engine:
        """The Engine.IO server below."""
        engine: Engine = self.sio.eio
        return engine

    def sessions(self) -> int:
        """See `contract.Server`."""
        return self.engine.sessions()

    def counts(self) -> Mapping[str, int]:
        """What this node counts; see `Counts`."""
        counts = self._manager.counts
        counts.sessions = self.sessions()
        counts.members = sum(map(len, self._names.values()))
        return dict(msgspec.structs.asdict(counts))

    async def _connected(self, sid: str, *_: object) -> None:
        eio_sid = self._manager.eio_sid_from_sid(sid, "/")

        def drop() -> None:
            queue.on_overflow = None
            self.sio.start_background_task(self.engine.drop, eio_sid)

        queue = self.engine.sockets[eio_sid].queue
        queue.on_overflow = drop

    async def _disconnected(self, sid: str, reason: str | None = None, *_: object) -> None:
        why: Why = "closed" if reason == self.sio.reason.CLIENT_DISCONNECT else "lost"
        for room in [room for room, names in self._names.items() if sid in names]:
            await self._departed(sid, room, why)

    async def _command(self, name: str, sid: str, payload: object = None, *_: object) -> Any:
        try:
            command = commands.convert(name, payload, 0)
        except commands.BadCommandError as bad:
            reply: events.Reply | None = bad.refusal
        else:
            reply = await self._apply(sid, command)
        return None if reply is None else events.reply_to_payload(reply)

    async def _apply(self, sid: str, command: Command) -> events.Reply | None:
        match command:
            case commands.Join(room=room) if sid in self._names.get(room, ()):
                return _refused("already_in_room", f"already in {room!r}")
            case commands.Join(room=room, name=name):
                return await self._join(sid, room, name)
            case commands.History() | commands.Rooms():
                return _refused("unknown_command", "this transport has no log and no list of rooms")
            case commands.Typing(room=room):
                if sid in self._names.get(room, ()):
                    await self._emit(events.IsTyping(room, self._names[room][sid]), skip=sid)
                return None
            case _ if sid not in self._names.get(command.room, ()):
                return _refused("not_in_room", f"join {command.room!r} first")
            case commands.Leave(room=room):
                await self._departed(sid, room, "left")
                return events.Left(0, room)
            case commands.Say(room=room, text=text):
                return await self._say(sid, room, text)

    async def _join(self, sid: str, room: str, name: str) -> events.Reply:
        seq = next(self._last[room])
        self._names[room][sid] = name
        members = list(self._names[room].values())
        await self.sio.enter_room(sid, _room(room))
        await self._emit(events.Arrived(room, name, seq), skip=sid)
        return events.Joined(0, room, name, members, seq, truncated=False)

    async def _say(self, sid: str, room: str, text: str) -> events.Reply:
        seq, at = next(self._last[room]), time.time_ns() // 1_000_000
        await self._emit(events.Message(room, seq, self._names[room][sid], text, at))
        return events.Said(0, room, seq, at)

    async def _departed(self, sid: str, room: str, why: Why) -> None:
        name = self._names[room].pop(sid)
        if not self._names[room]:
            del self._names[room]
        await self.sio.leave_room(sid, _room(room))
        await self._emit(Departed(room, name, next(self._last[room]), why))

    async def _emit(self, event: RoomEvent, skip: str | None = None) -> None:
        payload = events.to_payload(event)
        await self.sio.emit(events.name_of(event), payload, to=_room(event.room), skip_sid=skip)

    async def shut_down(self, _app: web.Application) -> None:
        """Close every connection."""
        await self.engine.close_all()

    async def stop(self) -> None:
        """End every task, and the connections to the backplane."""
        await self.engine.stop()
        if self._manager.redis is not None:
            await self._manager.redis.aclose()


def _refused(code: Code, reason: str) -> events.Refused:
    return events.Refused(0, code, reason)


def _room(name: str) -> str:
    """A chat room's name in Socket.IO, which also has a room named after each sid."""
    return f"room {name}"
