"""Shared by the native wires on the library `websockets`: all that they are made of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import websockets
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response
from websockets.protocol import State

from lab.chat.events import RoomEvent, Why
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
from transports import _native, _origin
from transports._native_client import connect_native
from transports._serving import BACKLOG, CLOSE_TIMEOUT_S, close_or_abort
from transports._versions import PYTHON, installed

# A peer that breaks the protocol is answered in the protocol; it is no error of this program.
_log = logging.getLogger("transports.websocket")
_log.setLevel(logging.CRITICAL)


class Bounded(ServerConnection):
    """A connection that reports when its unsent bytes pass the bound, instead of pausing."""

    on_overflow: Callable[[], None] | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.on_overflow is not None:
            self.on_overflow()


class _Server(_native.NativeServer[ServerConnection]):
    """The server's side: one handler task for each connection."""

    def __init__(self, chat: Chat, options: ServeOptions, make: Callable[..., Bounded]) -> None:
        super().__init__(chat)
        self._options = options
        self._make = make
        self._lines: set[Bounded] = set()
        self._closing: set[asyncio.Task[None]] = set()

    def accept(self, *args: Any, **kwargs: Any) -> Bounded:
        """One more TCP connection, whose handshake is still to come."""
        line = self._make(*args, **kwargs)
        self._lines.add(line)
        line.connection_lost_waiter.add_done_callback(lambda _: self._lines.discard(line))
        return line

    def drop_unfinished(self) -> None:
        """Cut whoever has not finished the handshake: the library would wait 10 s for the rest."""
        for line in self._lines:
            if line.protocol.state is State.CONNECTING:
                line.transport.abort()

    def write(self, connections: Iterable[ServerConnection], text: bytes) -> None:
        broadcast(connections, text, text=True)

    def check_origin(self, connection: ServerConnection, request: Request) -> Response | None:
        headers = request.headers
        if _origin.allowed(headers.get("Origin"), headers.get("Host"), self._options.origins):
            return None
        return connection.respond(HTTPStatus.FORBIDDEN, "this Origin is not allowed\n")

    async def handle(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Bounded)
        member = self.chat.attach(self)
        self.connections[member] = connection

        def drop() -> None:
            self.chat.detach(member, "slow_consumer")
            closing = asyncio.ensure_future(
                close_or_abort(
                    connection.close(_native.POLICY_VIOLATION, "slow_consumer"),
                    connection.transport.abort,
                )
            )
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

        connection.on_overflow = drop
        try:
            async for text in connection:
                if isinstance(text, bytes):
                    await connection.close(_native.UNSUPPORTED_DATA, "text frames only")
                    break
                self.receive(member, connection, text)
        except websockets.ConnectionClosedError:
            pass  # how it ended is read off the connection, below
        finally:
            self.chat.detach(member, _why(connection))
            del self.connections[member]


def _why(connection: ServerConnection) -> Why:
    """A peer that said goodbye sent a close frame; one that is dead did not."""
    return "closed" if connection.protocol.close_rcvd is not None else "lost"


class OnWebsockets(Transport):
    """RFC 6455, as the library `websockets` speaks it."""

    capabilities = _native.CAPABILITIES | {Capability.MASK_CHECK}

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON, server=installed("websockets"), client=installed("websockets")
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {"compression": "permessage-deflate", "heartbeat": "20 s + 20 s, both sides"}
        return {"compression": "none", "heartbeat": "25 s + 20 s, by the server"}

    def accepting(self, options: ServeOptions) -> Callable[..., Bounded]:
        """What makes a connection of each that is accepted."""
        return Bounded

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options, self.accepting(options))
        async with serve(
            server.handle,
            options.host,
            options.port,
            process_request=server.check_origin,
            create_connection=server.accept,  # type: ignore[arg-type] # it is only called
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=chat.limits.frame_bytes,
            write_limit=chat.limits.queue_bytes,
            backlog=BACKLOG,
            logger=_log,
            **_settings(options),
        ) as listening:
            port = listening.sockets[0].getsockname()[1]
            url = f"ws://{netloc(options.host, port)}/"
            server.address = Address(url, options.host, port, websocket_url=url)
            try:
                yield server
            finally:
                server.drop_unfinished()

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)


def _settings(options: ServeOptions) -> dict[str, Any]:
    if options.settings == "stock":
        return {}
    return {
        "compression": None,
        "ping_interval": options.heartbeat.interval_s,
        "ping_timeout": options.heartbeat.timeout_s,
    }
