"""The transport `socketio-webtransport`: python-socketio over WebTransport, on aioquic.

The session is that of `webtransport`, and the stream in it carries the packets of Engine.IO 4.1,
each with a header of its own:

    -> 0x01 0
    <- 0x60 0{"sid":"…","upgrades":[],…}
    -> 0x2b 420["say",{"room":"den","text":"hello"}]
    <- 0x7e 0x00 0x8f 42["said",…]

- `_quic/packets.py`: the headers.
- `_quic/socketio.py`, `_quic/socketio_client.py`: what python-engineio takes for a WebSocket.
- `_socketio/`: the room as an application of python-socketio, as on every other carrier.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from lab.chat.events import RoomEvent
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectOptions,
    Heartbeat,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports._quic.server import listening
from transports._quic.socketio import PATH, Host
from transports._quic.socketio_client import StreamHttp
from transports._shared.versions import PYTHON, installed
from transports._socketio.client import SocketioConnection
from transports._socketio.server import Server

AS_WEBSOCKET = ("websocket",)
"""The libraries take the session for a WebSocket."""


class SocketioWebTransport(Transport):
    """Socket.IO that begins on WebTransport, and stays there."""

    name = "socketio-webtransport"
    summary = "Socket.IO over WebTransport only, on python-socketio and aioquic"
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
            "transports": "webtransport",
            "compression": "none",
            "heartbeat": f"{Heartbeat()}, by the server",
            "json": "the standard library's" if stock else "msgspec",
            "handlers": "a task for each event" if stock else "in order, no task of their own",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[Server]:
        """See `Transport`."""
        server = Server(chat, options, AS_WEBSOCKET, page=None)
        host = Host(server.engine, chat.limits.frame_bytes, options)
        try:
            async with listening(options, PATH, host.make, beats=False) as port:
                server.start()
                url = f"https://{netloc(options.host, port)}"
                server.address = Address(url, options.host, port)
                try:
                    yield server
                finally:
                    await host.shut_down()
        finally:
            await host.stop()
            await server.stop()

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        connection = SocketioConnection(on_event, AS_WEBSOCKET, options, StreamHttp(options))
        await connection.open(url, options)
        return connection
