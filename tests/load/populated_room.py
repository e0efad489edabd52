"""Serves one transport in this process for the load's tests, and remembers every connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lab.chat.events import RoomEvent
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Connection, ConnectOptions, ServeOptions, Server, Transport
from lab.service import ChatService
from tests.conformance.served import eventually, nothing_uncaught
from transports import registry

TRANSPORTS = ["loopback", "websocket"]
"""One without a socket and one with. The load does the same on all others."""


class PopulatedRoom:
    """A running server. The load calls `connect`."""

    def __init__(self, transport: Transport, server: Server) -> None:
        self._transport = transport
        self.server = server
        self.opened: list[Connection] = []

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        connection = await self._transport.connect(
            self.server.address.url, on_event, ConnectOptions()
        )
        self.opened.append(connection)
        return connection

    async def all_gone(self) -> None:
        """Check that every connection that was opened is closed, on both sides."""
        assert [each for each in self.opened if not each.closed.done()] == []
        await eventually(lambda: self.server.sessions() == 0, "the server was empty")


@asynccontextmanager
async def populated_room(name: str, limits: Limits | None = None) -> AsyncIterator[PopulatedRoom]:
    """Serve the transport `name`. Fails on leaving if the event loop reported an error."""
    transport = registry.load(name)
    chat = ChatService(Rooms(limits))
    with nothing_uncaught():
        async with transport.serve(chat, ServeOptions()) as server:
            yield PopulatedRoom(transport, server)
