"""Shared by the Socket.IO wires: all of the wire but which transports it allows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar, Literal

import aiohttp
import engineio.payload
from aiohttp import web

from lab.chat.events import RoomEvent
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
    netloc,
)
from transports import _aiohttp
from transports._socketio_client import SocketioConnection
from transports._socketio_server import Server
from transports._versions import PYTHON, installed

CAPABILITIES = frozenset(
    {
        Capability.ROOM,
        Capability.SOCKET,
        Capability.ENGINE_IO,
        Capability.HEARTBEAT,
        Capability.BOUNDED_QUEUE,
        Capability.FRAME_LIMIT,
        Capability.ORIGIN,
        Capability.SHARED_ROOM,
    }
)

STOCK_PACKETS_PER_PAYLOAD = engineio.payload.Payload.max_decode_packets
PACKETS_PER_PAYLOAD = {"equal": 100_000, "stock": STOCK_PACKETS_PER_PAYLOAD}
"""How many packets one HTTP body may hold. The library's 16 loses a burst of 17 without a word; the
size of a body is bounded all the same. Process-wide in python-engineio."""


class SocketioWire(Transport):
    """What a Socket.IO wire is to its clients, whatever serves: python-socketio's client."""

    transports: ClassVar[Sequence[Literal["polling", "websocket"]]]

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[aiohttp.ClientSession]:
        """See `Transport`."""
        async with _aiohttp.unrepeating() as session:
            yield session

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        engineio.payload.Payload.max_decode_packets = PACKETS_PER_PAYLOAD[options.settings]
        connection = SocketioConnection(on_event, self.transports, options)
        await connection.open(url, options)
        return connection

    def address_at(self, host: str, port: int) -> Address:
        """Where a server on this port is reached."""
        upgrade = f"ws://{netloc(host, port)}/socket.io/?EIO=4&transport=websocket"
        return Address(
            url=f"http://{netloc(host, port)}",
            host=host,
            port=port,
            websocket_url=upgrade if "websocket" in self.transports else None,
        )


class SocketioTransport(SocketioWire):
    """A Socket.IO wire: python-socketio on aiohttp, restricted to `transports`."""

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON,
            server=installed("python-socketio"),
            client=installed("python-socketio"),
            http=installed("aiohttp"),
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        stock = settings == "stock"
        return {
            "transports": ", ".join(self.transports),
            "compression": "gzip from 1024 B, permessage-deflate where offered"
            if stock
            else "none",
            "heartbeat": "25 s + 20 s, by the server",
            "json": "the standard library's" if stock else "msgspec",
            "packets per payload": f"at most {PACKETS_PER_PAYLOAD[settings]}",
            "POST bodies": "as far as one read goes" if stock else "read to their end",
            "broken poll": "repeated, its packets lost" if stock else "ends the connection",
            "handlers": "a task for each event" if stock else "in order, no task of their own",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[Server]:
        """See `Transport`."""
        engineio.payload.Payload.max_decode_packets = PACKETS_PER_PAYLOAD[options.settings]
        server = Server(chat, options, self.transports)
        app = web.Application(client_max_size=chat.limits.frame_bytes)
        server.sio.attach(app)
        app.on_shutdown.append(server.shut_down)
        try:
            async with _aiohttp.listening(app, options) as port:
                server.start()
                server.address = self.address_at(options.host, port)
                yield server
        finally:
            await server.stop()
