"""The server of the native transports on the library `websockets`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from socket import socket
from typing import Any, ClassVar

import websockets
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.protocol import State

from lab.chat.events import Why
from lab.compression import CompressionChoices
from lab.contract import (
    Capability,
    Chat,
    Heartbeat,
    ServeOptions,
    Settings,
    Stack,
)
from transports._native import server as native
from transports._native.client import LIBRARY_HEARTBEAT
from transports._native.deflate import deflate
from transports._native.transport import NativeTransport
from transports._shared.accepting import Listen, over_tcp
from transports._shared.fairness import Share, read_little
from transports._shared.origin import Admission
from transports._shared.serving import BACKLOG, CLOSE_TIMEOUT_S, bound, close_or_abort
from transports._shared.versions import PYTHON, installed

# A client that breaks the protocol gets a close frame. It is not an error of this program.
_log = logging.getLogger("transports.websocket")
_log.setLevel(logging.CRITICAL)


STOCK_COMPRESSION = "permessage-deflate, window 12, level 6, memLevel 5"
"""The default of the library, for its server and its client."""


class Bounded(ServerConnection):
    """A connection that reports when its unsent bytes pass the bound, instead of pausing."""

    on_made: Callable[[], None] | None = None
    on_overflow: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        read_little(transport)
        if self.on_made is not None:
            self.on_made()

    def send_data(self) -> None:
        # The library makes one write for each pong. For a flood of pings, one write is 20 times
        # as fast.
        writes = self.protocol.writes
        if len(writes) > 1:
            end = [] if writes[-1] else [b""]  # an empty write closes the sending half
            self.protocol.writes = [b"".join(writes), *end]
        super().send_data()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.on_overflow is not None:
            self.on_overflow()


class _Server(native.NativeServer[ServerConnection]):
    """The server: one handler task for each connection."""

    def __init__(
        self,
        chat: Chat,
        options: ServeOptions,
        make: Callable[..., Bounded],
        greeting: str | None,
    ) -> None:
        super().__init__(chat)
        self._admission = Admission(options)
        self._make = make
        self._greeting = greeting
        self._accepted: set[Bounded] = set()
        self._closing: set[asyncio.Task[None]] = set()

    def accept(self, *args: Any, **kwargs: Any) -> Bounded:
        """Make a connection of an accepted one, before its handshake."""
        made = self._make(*args, **kwargs)
        # Not yet: a connection whose TLS handshake fails is never made, and never lost.
        made.on_made = lambda: self._accepted.add(made)
        made.connection_lost_waiter.add_done_callback(lambda _: self._accepted.discard(made))
        return made

    def drop_unfinished(self) -> None:
        """Cut each connection without a complete handshake: the library would wait 10 s for it."""
        for connection in self._accepted:
            if connection.protocol.state is State.CONNECTING:
                connection.transport.abort()

    def write(self, connections: Iterable[ServerConnection], text: bytes) -> None:
        broadcast(connections, text, text=True)

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        refusal = self._admission.refusal_of(request.headers.get_all, request.path)
        if refusal is not None:
            return connection.respond(*refusal)
        if self._greeting is not None and "Upgrade" not in request.headers:
            return connection.respond(HTTPStatus.OK, self._greeting)
        _take_upgrade(request.headers)
        return None

    async def handle(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Bounded)
        member = self.chat.attach(self)
        self.connections[member] = connection

        def drop() -> None:
            self.chat.detach(member, "slow_consumer")
            closing = asyncio.ensure_future(
                close_or_abort(
                    connection.close(native.POLICY_VIOLATION, "slow_consumer"),
                    connection.transport.abort,
                )
            )
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

        connection.on_overflow = drop
        share = Share()
        try:
            async for text in connection:
                if isinstance(text, bytes):
                    await connection.close(native.UNSUPPORTED_DATA, "text frames only")
                    break
                self.receive(member, connection, text)
                await share.taken()
        except websockets.ConnectionClosedError:
            pass  # `_why` asks the connection how it ended
        finally:
            self.chat.detach(member, _why(connection))
            del self.connections[member]


def _take_upgrade(headers: Headers) -> None:
    """Choose WebSocket if the client offers several protocols (RFC 9110 section 7.8)."""
    offered = [each.strip() for field in headers.get_all("Upgrade") for each in field.split(",")]
    if any(each.lower() == "websocket" for each in offered):
        del headers["Upgrade"]
        headers["Upgrade"] = "websocket"


def _why(connection: ServerConnection) -> Why:
    """Return "closed" if the client has sent a close frame, else "lost"."""
    return "closed" if connection.protocol.close_rcvd is not None else "lost"


class OnWebsockets(NativeTransport):
    """RFC 6455 as the library `websockets` implements it."""

    capabilities = native.CAPABILITIES | {Capability.MASK_CHECK, Capability.COMPRESSION}
    compression: ClassVar[CompressionChoices | None] = CompressionChoices(stock=STOCK_COMPRESSION)
    greeting: ClassVar[str | None] = None
    """What a plain GET is answered with; None: it is refused with 426."""

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON, server=installed("websockets"), client=installed("websockets")
        )

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {
                "compression": STOCK_COMPRESSION,
                "heartbeat": f"{LIBRARY_HEARTBEAT}, both sides",
            }
        return {"compression": "none", "heartbeat": f"{Heartbeat()}, by the server"}

    def accepting(self, options: ServeOptions) -> Callable[..., Bounded]:
        """Return what makes the connection object of an accepted connection."""
        return Bounded

    def over(self, options: ServeOptions) -> AbstractAsyncContextManager[Listen]:
        """What carries the connections."""
        return over_tcp(options)

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options, self.accepting(options), self.greeting)
        async with self.over(options) as listen:
            sock = await bound(options.host, options.port)
            async with self._serving(sock, server, options) as serving:
                port = sock.getsockname()[1]
                server.address = self.address_at(options, port)
                # `listen` replaces asyncio's own accepting. There is no public way to the factory.
                make = serving.server._protocol_factory
                with listen(sock, make):
                    try:
                        yield server
                    finally:
                        server.drop_unfinished()

    def _serving(self, sock: socket, server: _Server, options: ServeOptions) -> Any:
        limits = server.chat.limits
        return serve(
            server.handle,
            sock=sock,
            process_request=server.admit,
            create_connection=server.accept,  # type: ignore[arg-type] # it is only called
            open_timeout=options.request_timeout_s,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=limits.frame_bytes,
            write_limit=limits.queue_bytes,
            backlog=BACKLOG,
            logger=_log,
            **_settings(options),
        )


def _settings(options: ServeOptions) -> dict[str, Any]:
    compression = deflate(options, ServerPerMessageDeflateFactory)
    if options.settings == "stock":
        return compression
    return {
        **compression,
        "ping_interval": options.heartbeat.interval_s,
        "ping_timeout": options.heartbeat.timeout_s,
    }
