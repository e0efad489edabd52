"""One QUIC connection with HTTP/3 and at most one WebTransport session in it, on either side."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, ErrorCode, H3Connection
from aioquic.h3.events import (
    DataReceived,
    H3Event,
    HeadersReceived,
    WebTransportStreamDataReceived,
)
from aioquic.quic.connection import QuicConnection, stream_is_unidirectional
from aioquic.quic.events import (
    ConnectionTerminated,
    ProtocolNegotiated,
    QuicEvent,
    StopSendingReceived,
    StreamDataReceived,
    StreamReset,
)

from transports._quic.capsules import BrokenCapsuleError, Close, encode_close
from transports._quic.flow import Credited
from transports._quic.session import PROTOCOL_ERROR, Session
from transports._shared.serving import CLOSE_TIMEOUT_S

MOST_REFUSED = 32
"""Streams and requests that nobody asked for, which one connection may begin. Each is refused."""
FINISHED = (0, ErrorCode.H3_NO_ERROR)
"""The error codes of a QUIC connection that was closed without an error."""


class Link(QuicConnectionProtocol):
    """The part of a connection that clients and servers have in common.

    `over` is done when this side needs the connection no longer.
    """

    protocols: ClassVar[Sequence[str]] = H3_ALPN
    """What this side offers or accepts in the handshake (RFC 7301)."""
    quic: Credited
    http: H3Connection

    def __init__(self, quic: QuicConnection, stream_handler: None = None) -> None:
        super().__init__(quic)
        self.quic = Credited.take_over(quic)
        self.session: Session | None = None
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._refused = 0
        self._is_negotiated = False
        self._closing: asyncio.TimerHandle | None = None

    # What a connection sends.

    def transmit(self) -> None:
        """Send what is ready, unless the socket is closed already."""
        if self._transport is not None and not self._transport.is_closing():
            super().transmit()

    def transmit_soon(self) -> None:
        """See `Carrier`."""
        self._transmit_soon()

    def send_close(self, session_id: int, close: Close) -> None:
        """See `Carrier`. The close has a stream of its own."""
        self.http.send_data(session_id, encode_close(close), end_stream=True)

    def close_soon(self) -> None:
        """See `Carrier`."""
        self.transmit_soon()
        if self._closing is None:
            self._closing = self._loop.call_later(CLOSE_TIMEOUT_S, self.end)

    def end(self, error: int = ErrorCode.H3_NO_ERROR, reason: str = "") -> None:
        """Close the connection at once. A session that is open is lost."""
        self.close(error, reason)
        self._break(reason or "the connection was closed")

    def release(self) -> None:
        """Cancel what still waits. The socket must be closed."""
        for timer in (self._timer, self._closing, self._transmit_task):
            if timer is not None:
                timer.cancel()
        self._break("the connection was closed")

    def _break(self, reason: str) -> None:
        if self.session is not None:
            self.session.finish(ConnectionError(reason))
        if not self.over.done():
            self.over.set_result(None)

    # What a connection receives.

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take an event of the library, which calls this."""
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self.quic, enable_webtransport=True)
            self._is_negotiated = True
        elif isinstance(event, ConnectionTerminated):
            self._terminated(event)
        elif isinstance(event, StreamReset | StopSendingReceived):
            self._aborted(event.stream_id)
        elif isinstance(event, StreamDataReceived) and self._is_data(event.stream_id):
            self._data(event.data, event.end_stream)
            return
        if self._is_negotiated:
            for found in self.http.handle_event(event):
                self._http_event(found)

    def _is_data(self, stream_id: int) -> bool:
        # The library would read the answers on a stream that it has opened as HTTP/3 frames.
        return self.session is not None and stream_id == self.session.stream_id

    def _data(self, data: bytes, is_end: bool) -> None:
        session = self.session
        if session is not None and session.is_open:
            session.received(data)
            if is_end:
                session.stream_ended()

    @abstractmethod
    def headers_received(self, event: HeadersReceived) -> None:
        """Take the head of a request or of an answer."""

    def _http_event(self, event: H3Event) -> None:
        session = self.session
        if isinstance(event, HeadersReceived):
            self.headers_received(event)
        elif isinstance(event, DataReceived) and session and event.stream_id == session.id:
            self._capsule(session, event)
        elif isinstance(event, WebTransportStreamDataReceived):
            self._stream_data(session, event)
        # Nothing else is part of this protocol. A datagram is dropped, and costs no memory.

    def _capsule(self, session: Session, event: DataReceived) -> None:
        was_open = session.is_open
        try:
            close = session.capsules.feed(event.data)
        except BrokenCapsuleError as broken:
            session.close(PROTOCOL_ERROR, str(broken))
            return
        if close is None and event.stream_ended:
            close = Close()
        if close is not None and was_open:
            self.http.send_data(session.id, b"", end_stream=True)
            session.finish(close)
            self.close_soon()
        elif event.stream_ended:  # the other side has answered the close of this one
            self.end()

    def _stream_data(self, session: Session | None, event: WebTransportStreamDataReceived) -> None:
        if session is None or event.session_id != session.id:
            self.refuse_stream(event.stream_id)
            return
        if session.stream_id is None and not stream_is_unidirectional(event.stream_id):
            session.use(event.stream_id)
        if event.stream_id != session.stream_id:
            self.refuse_stream(event.stream_id)
        else:
            self._data(event.data, event.stream_ended)

    def _aborted(self, stream_id: int) -> None:
        session = self.session
        if session is None or not session.is_open:
            return
        if stream_id == session.id:
            self.end(ErrorCode.H3_REQUEST_CANCELLED, "the CONNECT stream was aborted")
        elif stream_id == session.stream_id:
            session.close(PROTOCOL_ERROR, "the stream of the session was aborted")

    def refuse_stream(self, stream_id: int) -> None:
        """Abort a stream that is not the session's. Too many of them end the connection."""
        with suppress(ValueError):  # it has ended by itself
            self.quic.stop_stream(stream_id, ErrorCode.H3_REQUEST_REJECTED)
        if not stream_is_unidirectional(stream_id):
            self.quic.reset_stream(stream_id, ErrorCode.H3_REQUEST_REJECTED)
        self.count_refused()

    def count_refused(self) -> None:
        """Count a stream or a request that was refused."""
        self._refused += 1
        if self._refused == MOST_REFUSED:
            if self.session is not None and self.session.is_open:
                self.session.close(PROTOCOL_ERROR, "a session has one stream here")
            else:
                self.end(ErrorCode.H3_EXCESSIVE_LOAD, "too many requests were refused")
        elif self._refused > 2 * MOST_REFUSED:
            self.end(ErrorCode.H3_EXCESSIVE_LOAD, "too many streams were refused")

    def _terminated(self, event: ConnectionTerminated) -> None:
        if self.session is not None and event.error_code in FINISHED:
            self.session.finish(Close(0, event.reason_phrase))
        self._break(event.reason_phrase or f"QUIC error {event.error_code}")
