"""The Socket.IO transports on python-socketio: server, client and settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import ClassVar, Literal

import aiohttp
from aiohttp import web

from lab.chat.events import RoomEvent
from lab.compression import CompressionChoices
from lab.contract import (
    Address,
    Capability,
    Chat,
    ClientTls,
    Connection,
    ConnectOptions,
    Heartbeat,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports._shared import aiohttp as aiohttp_server
from transports._shared.tls import scheme
from transports._shared.versions import PYTHON, installed
from transports._socketio import payload_limit
from transports._socketio.client import SocketioConnection
from transports._socketio.json import JSON
from transports._socketio.packets import Parser
from transports._socketio.payload_limit import PACKETS_PER_PAYLOAD, STOCK_PACKETS_PER_PAYLOAD
from transports._socketio.server import Server

CAPABILITIES = frozenset(
    {
        Capability.ROOM,
        Capability.SOCKET,
        Capability.TCP,
        Capability.HTTP_1,
        Capability.ENGINE_IO,
        Capability.DEFAULT_PARSER,
        Capability.HEARTBEAT,
        Capability.PAUSES,
        Capability.BOUNDED_QUEUE,
        Capability.FRAME_LIMIT,
        Capability.ORIGIN,
        Capability.DESCRIPTORS,
        Capability.SHARED_ROOM,
    }
)


class SocketioClientTransport(Transport):
    """A Socket.IO transport whose client is python-socketio's, whichever server it has."""

    transports: ClassVar[Sequence[Literal["polling", "websocket"]]]
    parser: ClassVar[Parser] = JSON

    @asynccontextmanager
    async def pool(self, tls: ClientTls | None = None) -> AsyncIterator[aiohttp.ClientSession]:
        """See `Transport`."""
        async with aiohttp_server.unrepeating(tls) as session:
            yield session

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        connection = SocketioConnection(on_event, self.transports, options, parser=self.parser)
        await connection.open(url, options)
        return connection

    def address_at(self, options: ServeOptions, port: int) -> Address:
        """Return the address of a server on this port."""
        place = netloc(options.host, port)
        upgrade = f"{scheme('ws', options.tls)}://{place}/socket.io/?EIO=4&transport=websocket"
        return Address(
            url=f"{scheme('http', options.tls)}://{place}",
            host=options.host,
            port=port,
            websocket_url=upgrade if "websocket" in self.transports else None,
        )


HTTP_COMPRESSION = CompressionChoices(
    stock="gzip of HTTP bodies from 1024 B, level 9", levels=None, forgets=False
)
"""python-engineio's option is only whether to compress."""
BOTH_COMPRESSIONS = CompressionChoices(
    stock=f"{HTTP_COMPRESSION.stock}; {aiohttp_server.WEBSOCKET_COMPRESSION.stock}",
    levels=aiohttp_server.WEBSOCKET_COMPRESSION.levels,
    forgets=False,
    note=f"{HTTP_COMPRESSION.stock}; {aiohttp_server.WEBSOCKET_COMPRESSION.note}",
)


class SocketioTransport(SocketioClientTransport):
    """A Socket.IO transport: python-socketio on aiohttp, restricted to `transports`."""

    compression: ClassVar[CompressionChoices | None]

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON,
            server=installed("python-socketio"),
            client=installed("python-socketio"),
            http=installed("aiohttp"),
        )

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        stock = settings == "stock"
        return {
            "transports": ", ".join(self.transports),
            "compression": self.compression.stock if stock and self.compression else "none",
            "heartbeat": f"{Heartbeat()}, by the server",
            self.parser.name: self.parser.libraries[settings],
            "packets per payload": f"at most {PACKETS_PER_PAYLOAD[settings]}",
            "POST bodies": "as far as one read goes" if stock else "read to their end",
            "broken poll": "repeated, its packets lost" if stock else "ends the connection",
            "handlers": "a task for each event" if stock else "in order, no task of their own",
        }

    def listening(
        self, app: web.Application, _server: Server, options: ServeOptions
    ) -> AbstractAsyncContextManager[int]:
        """How the server listens. Yields the port."""
        return aiohttp_server.listening(app, options)

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[Server]:
        """See `Transport`."""
        # Under `stock` the client is python-engineio's, which refuses a payload with more packets.
        page = STOCK_PACKETS_PER_PAYLOAD if options.settings == "stock" else None
        server = Server(chat, options, self.transports, page, self.parser)
        app = web.Application(client_max_size=chat.limits.frame_bytes)
        server.sio.attach(app)
        app.on_shutdown.append(server.shut_down)
        payload_limit.use(server, options.settings)
        try:
            async with self.listening(app, server, options) as port:
                server.start()
                server.address = self.address_at(options, port)
                yield server
        finally:
            await server.stop()
            payload_limit.release(server)
