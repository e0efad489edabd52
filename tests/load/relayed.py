"""Serves a transport in this process, behind a relay that can stall or cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lab.chat.events import RoomEvent
from lab.chat.limits import UNPACED, Limits
from lab.chat.rooms import Rooms
from lab.contract import Connection, ConnectOptions, ServeOptions
from lab.relay.relay import Chunk, Network, Relay
from lab.service import ChatService
from transports import registry

STALL_MS = 500


class Line:
    """A served transport behind a relay. `said` is set when the first reply passes."""

    def __init__(self, relay: Relay, said: asyncio.Event) -> None:
        self.relay = relay
        self.said = said
        self._transport = registry.load("websocket")

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        url = f"ws://{self.relay.host}:{self.relay.port}/"
        return await self._transport.connect(url, on_event, ConnectOptions())

    async def stall(self, after_s: float) -> None:
        """Let nothing pass for STALL_MS, beginning `after_s` after the first reply."""
        await self.said.wait()
        await asyncio.sleep(after_s)
        self.relay.stall()
        await asyncio.sleep(STALL_MS / 1000)
        self.relay.resume()

    async def break_by(self, how: Callable[[], None]) -> None:
        """Disturb the connection in this way after the first reply."""
        await self.said.wait()
        how()


@asynccontextmanager
async def line(network: Network | None = None, limits: Limits = UNPACED) -> AsyncIterator[Line]:
    said = asyncio.Event()

    def tap(chunk: Chunk) -> None:
        if chunk.direction == "down" and b'"said"' in chunk.data:
            said.set()

    serving = registry.load("websocket").serve(ChatService(Rooms(limits)), ServeOptions())
    async with serving as server:
        address = server.address
        async with Relay(address.host, address.port, network=network, tap=tap) as relay:
            yield Line(relay, said)
