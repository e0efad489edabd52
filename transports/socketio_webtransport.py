"""The transport `socketio-webtransport`: python-socketio over WebTransport, on aioquic.

The session is that of `webtransport`, and the stream in it carries the packets of Engine.IO 4.1,
each with a header of its own:

    -> 0x01 0
    <- 0x60 0{"sid":"…","upgrades":[],…}
    -> 0x2b 420["say",{"room":"den","text":"hello"}]
    <- 0x7e 0x00 0x8f 42["said",…]

The server polls too, on TCP at the same port. So a client in the default mode begins there, and
moves: `0{"sid":"…"}`, `2probe`, `5` on the stream. This transport's own client, and the page, begin
on WebTransport and stay there.

- `_quic/packets.py`: the headers.
- `_quic/socketio.py`, `_quic/socketio_client.py`: what python-engineio takes for a WebSocket.
- `_socketio/`: the room as an application of python-socketio, as on every other carrier.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from socket import socket

from aiohttp import web
from msgspec.structs import replace

from lab.chat.events import RoomEvent
from lab.contract import (
    Capability,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
)
from transports._quic.server import bound_udp, listening
from transports._quic.socketio import PATH, Host
from transports._quic.socketio_client import StreamHttp
from transports._shared import aiohttp as aiohttp_server
from transports._shared.serving import bound
from transports._shared.versions import PYTHON, installed
from transports._socketio.client import SocketioConnection
from transports._socketio.server import Server
from transports._socketio.transport import HTTP_COMPRESSION, SocketioTransport

AS_WEBSOCKET = ("websocket",)
"""The libraries take the session for a WebSocket."""
TRIES = 10
"""How often a port is tried that may be in use on TCP."""


class SocketioWebTransport(SocketioTransport):
    """Socket.IO on WebTransport, from the beginning or after polling."""

    name = "socketio-webtransport"
    summary = "Socket.IO over WebTransport, on python-socketio and aioquic"
    transports = ("polling",)  # beside the stream, of which the library knows nothing
    compression = None
    capabilities = frozenset(
        {
            Capability.ROOM,
            Capability.SOCKET,
            Capability.TLS_ALWAYS,
            Capability.WEBTRANSPORT,
            Capability.ENGINE_IO,
            Capability.DEFAULT_PARSER,
            Capability.HEARTBEAT,
            Capability.BOUNDED_QUEUE,
            Capability.FRAME_LIMIT,
            Capability.ORIGIN,
            Capability.SHARED_ROOM,
        }
    )

    def stack(self) -> Stack:
        """See `Transport`."""
        library = installed("python-socketio")
        return Stack(language=PYTHON, server=library, client=library, http=installed("aioquic"))

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        stock = settings == "stock"
        return {
            **super().effective_settings(settings),
            "transports": "webtransport, or polling and then webtransport",
            "compression": f"{HTTP_COMPRESSION.stock}, while it polls" if stock else "none",
        }

    @asynccontextmanager
    async def listening(
        self, app: web.Application, server: Server, options: ServeOptions
    ) -> AsyncIterator[int]:
        """Polling on TCP and WebTransport on UDP, at one port."""
        server.engine.upgrades_to = "webtransport"
        host = Host(server.engine, server.engine.max_http_buffer_size, options)
        try:
            with await _free_on_both(options) as udp:
                there = replace(options, port=udp.getsockname()[1])
                async with (
                    listening(options, PATH, host.make, beats=False, sock=udp) as port,
                    aiohttp_server.listening(app, there),
                ):
                    try:
                        yield port
                    finally:
                        await host.shut_down()
        finally:
            await host.stop()

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        connection = SocketioConnection(on_event, AS_WEBSOCKET, options, StreamHttp(options))
        await connection.open(url, options)
        return connection


async def _free_on_both(options: ServeOptions) -> socket:
    """A socket for datagrams, whose port is free on TCP too.

    Raises:
        OSError: one of the two is in use. With `port` 0: that was so TRIES times.
    """
    tries = 1 if options.port else TRIES
    while True:
        udp = await bound_udp(options.host, options.port)
        try:
            (await bound(options.host, udp.getsockname()[1])).close()
        except OSError:
            udp.close()
            tries -= 1
            if not tries:
                raise
        else:
            return udp
