"""Where the load's tests take place: one wire's server in this process, every guest remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lab.chat.events import RoomEvent
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Connection, ConnectOptions, ServeOptions, Server, Transport
from lab.service import ChatService
from tests.conformance.stage import eventually, nothing_uncaught
from transports import registry

WIRES = ["loopback", "websocket"]
"""The one without a socket and one with: what the load does is the same on all others."""


class Hall:
    """A running server; `connect` is what the load is given."""

    def __init__(self, wire: Transport, server: Server) -> None:
        self._wire = wire
        self.server = server
        self.opened: list[Connection] = []

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        connection = await self._wire.connect(self.server.address.url, on_event, ConnectOptions())
        self.opened.append(connection)
        return connection

    async def all_gone(self) -> None:
        """Every connection that was ever opened is closed, on both sides."""
        assert [each for each in self.opened if not each.closed.done()] == []
        await eventually(lambda: self.server.sessions() == 0, "the server was empty")


@asynccontextmanager
async def hall(wire: str, limits: Limits | None = None) -> AsyncIterator[Hall]:
    """Serve `wire`; fails on leaving where the event loop had to report an error."""
    transport = registry.load(wire)
    chat = ChatService(Rooms(limits))
    with nothing_uncaught():
        async with transport.serve(chat, ServeOptions()) as server:
            yield Hall(transport, server)
