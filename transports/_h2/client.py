"""The client's side of HTTP/2: one TCP connection, on which every request is a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self, TypeVar

from h2 import events
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from lab.contract import ClientTls
from transports._h2.connection import Http2
from transports._h2.exchange import ClientExchange, Fields
from transports._h2.stream import Stream
from transports._shared.serving import CLOSE_TIMEOUT_S
from transports._shared.tls import client_context

ALPN = ("h2",)
NO_HTTP2 = "the server speaks no HTTP/2"

T = TypeVar("T", bound=asyncio.Protocol)


class ClientConnection(Http2):
    """One TCP connection to a server."""

    def __init__(self) -> None:
        super().__init__(is_client=True, settings={})
        self.announced: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Done when the server's SETTINGS have come: whether it takes WebSockets (RFC 8441)."""

    def open(self, protocol: T) -> T:
        """Make `protocol` the client of a new stream, which its first request opens."""
        scheme = b"http" if self._tcp.get_extra_info("sslcontext") is None else b"https"
        # RFC 9113 section 8.1: CANCEL says that the answer is no longer wanted.
        stream = Stream(self, ClientExchange(scheme), protocol, leaving=ErrorCodes.CANCEL)
        stream.begin()
        if not self.is_open:
            stream.lost(ConnectionResetError("the HTTP/2 connection ended"))
        return protocol

    def send_head(self, stream: Stream, fields: Fields) -> None:
        """Open the stream with its request."""
        try:
            stream.id = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream.id, fields)
        except ProtocolError as error:  # too many streams, or the connection has ended
            stream.lost(ConnectionResetError(str(error)))
            return
        self.streams[stream.id] = stream
        self.flush()

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.RemoteSettingsChanged():
                super()._handle(event)
                if not self.announced.done():
                    can = self._h2.remote_settings.get(SettingCodes.ENABLE_CONNECT_PROTOCOL, 0)
                    self.announced.set_result(bool(can))
            case events.ResponseReceived() | events.InformationalResponseReceived():
                if (stream := self.streams.get(event.stream_id)) is not None:
                    stream.head_came(list(event.headers), ends=False)
            case _:
                super()._handle(event)

    def _end(self, reason: str) -> None:
        super()._end(reason if self.announced.done() else NO_HTTP2)

    def connection_lost(self, exc: Exception | None) -> None:
        """End every stream, and say so to whom waits for the server's SETTINGS."""
        super().connection_lost(exc)
        if not self.announced.done():
            self.announced.set_exception(ConnectionRefusedError(NO_HTTP2))
            self.announced.exception()  # asyncio reports an exception that nothing has read


class Shared:
    """One TCP connection to one server, opened when the first stream needs it."""

    def __init__(
        self, tls: ClientTls | None, make: Callable[[], ClientConnection] = ClientConnection
    ) -> None:
        self._tls = tls
        self._make = make
        self._open: ClientConnection | None = None
        self._opening = asyncio.Lock()

    async def connection(self, host: str, port: int) -> ClientConnection:
        """The connection. A request need not wait for the server's SETTINGS (RFC 9113 section 3.4).

        Raises:
            OSError: nobody listens.
        """
        async with self._opening:
            if self._open is None or not self._open.is_open:
                context = client_context(self._tls, ALPN)
                loop = asyncio.get_running_loop()
                _, self._open = await loop.create_connection(
                    self._make,
                    host,
                    port,
                    ssl=context,
                    server_hostname=None if context is None else host,
                )
            return self._open

    async def close(self) -> None:
        """Say GOAWAY, and close the connection."""
        if self._open is not None:
            self._open.close()
            await asyncio.wait([self._open.gone], timeout=CLOSE_TIMEOUT_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: Any) -> None:
        await self.close()
