"""The transport `webtransport`: WebTransport over HTTP/3 and QUIC, on aioquic.

A client opens a QUIC connection over UDP, in it a WebTransport session by `CONNECT /`, and in that
one bidirectional stream. One message of the stream is one command or event in JSON, with its length
before it, as QUIC writes numbers (RFC 9000 section 16):

    -> 0x34 {"type":"say","id":7,"room":"den","text":"hello"}
    <- 0x30 {"type":"said","id":7,"room":"den","seq":42,…}

The parts, of which some are shared with Socket.IO over WebTransport:

- `_quic/room.py`: commands in, events out, the bound of the queue.
- `_quic/server.py`, `_quic/client.py`: UDP, admission, heartbeat, and the ends of a connection.
- `_quic/link.py`, `_quic/session.py`: HTTP/3, the session and its close.
- `_quic/flow.py`, `_quic/inbox.py`: credit for what is handled, in shares.
- `_quic/messages.py`, `_quic/capsules.py`, `_quic/varint.py`: the formats.
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
from transports._quic import client, server
from transports._quic.client import ClientLink
from transports._quic.room import RoomConnection, RoomServer
from transports._quic.server import ServerLink
from transports._shared.versions import PYTHON, installed


class WebTransport(Transport):
    """WebTransport as aioquic implements HTTP/3, with one stream for a session."""

    name = "webtransport"
    summary = "WebTransport over HTTP/3 and QUIC, on aioquic"
    capabilities = frozenset(
        {
            Capability.ROOM,
            Capability.SOCKET,
            Capability.TLS_ALWAYS,
            Capability.WEBTRANSPORT,
            Capability.HEARTBEAT,
            Capability.BOUNDED_QUEUE,
            Capability.FRAME_LIMIT,
            Capability.ORIGIN,
            Capability.SHARED_ROOM,
        }
    )
    server_link = ServerLink
    client_link = ClientLink

    def stack(self) -> Stack:
        """See `Transport`."""
        library = installed("aioquic")
        return Stack(language=PYTHON, server=library, client=library, http=library)

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {"compression": "none", "heartbeat": "none; an idle connection ends after 60 s"}
        return {"compression": "none", "heartbeat": f"{Heartbeat()}, a PING of QUIC by the server"}

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[RoomServer]:
        """See `Transport`."""
        room = RoomServer(chat)
        async with server.listening(options, "/", room.make, kind=self.server_link) as port:
            room.address = Address(f"https://{netloc(options.host, port)}/", options.host, port)
            yield room

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        link = await client.connect(url, options, self.client_link)
        return RoomConnection(link, link.admitted.result(), on_event)
