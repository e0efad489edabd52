"""The transport `loopback`: the room in the same process, without a socket.

It is the baseline of the harness: its time is what the room, the service and the load generator
take. That time is part of the figures of every other transport. Server and client are in this file;
a command is a call, and an event comes in the next turn of the event loop, as it would from a
socket.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from lab.chat import commands
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Event, LoggedEvent, RoomEvent
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
)
from transports._shared.membership import Membership
from transports._shared.versions import PYTHON

_running: dict[str, _Server] = {}
_numbers = itertools.count(1)


class _Server(Membership["_Connection"]):
    """The outlet: gives each event to its connection in the next turn of the event loop."""

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self.chat = chat
        self.address = Address(url=f"loopback://{next(_numbers)}")

    def sessions(self) -> int:
        return len(self.connections)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        for connection in self.others(room, skip):
            connection.hand_over(event)

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        for event in missed:
            self.connections[member].hand_over(event)

    def close(self) -> None:
        for connection in list(self.connections.values()):
            connection.end("server closed")


class _Connection(Connection):
    """The client, and also the server's side of the connection."""

    def __init__(self, server: _Server, on_event: Callable[[RoomEvent], None]) -> None:
        super().__init__(on_event)
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._member = server.chat.attach(server)
        server.connections[self._member] = self

    def hand_over(self, event: Event) -> None:
        self._loop.call_soon(self._received, event)

    async def send(self, command: Command) -> None:
        self._check_open()
        self._server.chat.receive(self._member, command, self.hand_over)

    async def send_untyped(self, name: str, payload: Mapping[str, Any], command_id: int) -> None:
        self._check_open()
        try:
            command = commands.convert(name, payload, command_id)
        except commands.BadCommandError as bad:
            self._server.chat.refuse(self._member, bad.refusal, self.hand_over)
            return
        self._server.chat.receive(self._member, command, self.hand_over)

    async def close(self) -> None:
        self.end("closed")

    def end(self, reason: str) -> None:
        if self._server.connections.pop(self._member, None):
            self._server.chat.detach(self._member, "closed")
            self._ended(reason)


class Loopback(Transport):
    """The room without a network."""

    name = "loopback"
    summary = "in-process, no socket: the baseline of the harness"
    capabilities = frozenset({Capability.ROOM, Capability.SHARED_ROOM})

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(language=PYTHON, server=PYTHON, client=PYTHON)

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {"encoding": "none"}

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat)
        _running[server.address.url] = server
        try:
            yield server
        finally:
            del _running[server.address.url]
            server.close()

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        if url not in _running:
            raise ConnectionRefusedError(f"no loopback server at {url!r}")
        return _Connection(_running[url], on_event)
