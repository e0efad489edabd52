"""The server's side of HTTP/2: every request becomes a connection of a server of HTTP/1.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from socket import socket

from h2 import events
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from lab.contract import ServeOptions
from transports._h2.connection import Http2
from transports._h2.exchange import (
    NotImplementedHereError,
    ServerExchange,
    UntranslatableError,
)
from transports._h2.stream import Stream
from transports._shared.accepting import Listen, Listener, Make
from transports._shared.serving import CLOSE_TIMEOUT_S
from transports._shared.tls import server_context

ALPN = ("h2",)
"""RFC 9113 section 3.2. Without TLS a client has to know that the server speaks HTTP/2 (3.3)."""
STREAMS = 128
"""Streams that a client may have open. RFC 9113 section 6.5.2 recommends 100 at least."""
IDLE_S = 60.0
"""How long a connection without streams stays open."""
RESETS = 200
"""Streams that may be reset at once. A client that opens streams only to reset them would keep the
server busy for nothing (RFC 9113 section 10.5)."""
RESETS_PER_S = 20
"""How fast resets are forgiven: a page resets the stream of each `EventSource` that it closes."""

SETTINGS: dict[SettingCodes, int] = {
    SettingCodes.MAX_CONCURRENT_STREAMS: STREAMS,
    SettingCodes.ENABLE_CONNECT_PROTOCOL: 1,  # RFC 8441 section 3
}


class ServerConnection(Http2):
    """One TCP connection of a client, which adds itself to `accepted`.

    `make` makes the protocol that serves a stream.
    """

    def __init__(
        self, make: Make, request_timeout_s: float, accepted: set[ServerConnection]
    ) -> None:
        super().__init__(is_client=False, settings=SETTINGS)
        self._make = make
        self._accepted = accepted
        self._request_timeout_s = request_timeout_s
        self._deadline: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._resets = 0.0
        self._reset_at = self._loop.time()
        self.takes_requests = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect the first request."""
        super().connection_made(transport)
        # Not earlier: a connection whose TLS handshake fails is never made, and never lost.
        self._accepted.add(self)
        self._close_after(self._request_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Clear the deadline."""
        self._close_after(None)
        self._accepted.discard(self)
        super().connection_lost(exc)

    def _close_after(self, delay_s: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        late = None if delay_s is None else self._loop.call_later(delay_s, self.close)
        self._deadline = late

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.RequestReceived():
                self._request_came(event)
            case events.StreamReset():
                self._count_reset()
                super()._handle(event)
            case _:
                super()._handle(event)

    def _request_came(self, event: events.RequestReceived) -> None:
        if not self.takes_requests:
            # RFC 9113 section 8.7: the client may send it again on another connection.
            self.reset(event.stream_id, ErrorCodes.REFUSED_STREAM)
            return
        stream = Stream(self, ServerExchange(), self._make(), leaving=ErrorCodes.NO_ERROR)
        stream.id = event.stream_id
        self.streams[stream.id] = stream
        self._close_after(None)
        stream.begin()
        try:
            stream.head_came(list(event.headers), ends=event.stream_ended is not None)
        except NotImplementedHereError:
            self.send_head(stream, [(b":status", b"501")])
            stream.abort()
        except UntranslatableError:
            # RFC 9113 section 8.1.1: a malformed request is an error of its stream.
            self.drop(stream, ErrorCodes.PROTOCOL_ERROR)
            stream.lost(None)

    def _count_reset(self) -> None:
        now = self._loop.time()
        self._resets = max(0.0, self._resets - RESETS_PER_S * (now - self._reset_at)) + 1
        self._reset_at = now
        if self._resets > RESETS and self.is_open:
            self.close(ErrorCodes.ENHANCE_YOUR_CALM)

    def _is_idle(self) -> None:
        super()._is_idle()
        if self.is_open:
            self._close_after(IDLE_S)


class _Connections:
    """The connections of one server."""

    def __init__(self, options: ServeOptions) -> None:
        self._options = options
        self._tls = server_context(options.tls, ALPN)
        self._open: set[ServerConnection] = set()

    @contextmanager
    def listen(self, sock: socket, make: Make) -> Iterator[None]:
        """Accept connections on `sock`; at the end, refuse new streams on those that are open."""
        try:
            with Listener(sock, partial(self._accept, make), tls=self._tls):
                yield
        finally:
            for connection in self._open:
                connection.takes_requests = False

    def _accept(self, make: Make) -> ServerConnection:
        return ServerConnection(make, self._options.request_timeout_s, self._open)

    async def close(self) -> None:
        """Say GOAWAY to every client, and close."""
        gone = [connection.gone for connection in self._open]
        for connection in list(self._open):
            connection.close()
        if gone:
            await asyncio.wait(gone, timeout=CLOSE_TIMEOUT_S)


@asynccontextmanager
async def over_http2(options: ServeOptions) -> AsyncIterator[Listen]:
    """Accept connections of HTTP/2, whose streams are served as connections of HTTP/1.1.

    The connections are closed when the context is left; until then their streams may still end.
    """
    connections = _Connections(options)
    try:
        yield connections.listen
    finally:
        await connections.close()
