"""One stream as a transport of asyncio: a protocol that speaks HTTP/1.1 reads and writes it.

What the stream's window, or the connection's, does not admit yet waits here. It counts as the
transport's write buffer, so each transport bounds it as it bounds the buffer of a socket.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Protocol

from h2.errors import ErrorCodes

from transports._h2.exchange import Body, End, Exchange, Fields, Head, UntranslatableError

HIGH_BYTES = 64 * 1024
"""asyncio's default for a socket, from which a protocol is asked to pause."""


class Carrier(Protocol):
    """What a stream asks of its connection."""

    def send_head(self, stream: Stream, fields: Fields) -> None:
        """Send a header block."""

    def pump(self, stream: Stream) -> None:
        """Send what the windows admit of the stream's bytes, and then its end."""

    def acknowledge(self, stream: Stream, count: int) -> None:
        """Open the windows again for so many bytes."""

    def drop(self, stream: Stream, code: ErrorCodes | None) -> None:
        """Forget the stream. With a code, tell the peer by RST_STREAM."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `asyncio.BaseTransport`."""


class Stream(asyncio.Transport):
    """One stream. `protocol` is its end in this process."""

    def __init__(
        self, carrier: Carrier, exchange: Exchange, protocol: asyncio.Protocol, leaving: ErrorCodes
    ) -> None:
        super().__init__()
        self.id = 0
        self.unsent = bytearray()
        self._carrier = carrier
        self._exchange = exchange
        self._protocol = protocol
        self._leaving = leaving
        self._high, self._low = HIGH_BYTES, HIGH_BYTES // 4
        self._unread: deque[tuple[bytes, int]] = deque()
        self._reads = True
        self._paused = False
        self._closing = False
        self._over = False
        self._ends = self._end_sent = False
        self._end_came = self._end_read = False

    # From the protocol to the connection.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See `asyncio.WriteTransport`. An empty write changes nothing."""
        if data and not self._over and not self._ends:
            self._translate(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """See `asyncio.WriteTransport`."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """Each direction of a stream ends by itself (RFC 9113 section 5.1)."""
        return True

    def write_eof(self) -> None:
        """See `asyncio.WriteTransport`."""
        if not self._over and not self._ends:
            self._translate(b"")

    def _translate(self, data: bytes) -> None:
        try:
            for part in self._exchange.outgoing(data):
                match part:
                    case Head(fields):
                        self._carrier.send_head(self, fields)
                    case Body(content):
                        self.unsent += content
                    case End():
                        self._ends = True
        except UntranslatableError:
            self._drop(ErrorCodes.INTERNAL_ERROR)
            return
        if not data and self._exchange.is_tunnel:
            self._ends = True
        if not self._over:
            self._carrier.pump(self)
            self._pause_if_full()

    def _pause_if_full(self) -> None:
        if len(self.unsent) > self._high and not self._paused and not self._over:
            self._paused = True
            self._protocol.pause_writing()

    @property
    def has_more(self) -> bool:
        """Whether bytes or an end are still to be sent."""
        return not self._over and (bool(self.unsent) or (self._ends and not self._end_sent))

    def take(self, most: int) -> tuple[bytes, bool]:
        """Take at most so many bytes for one frame, and whether the stream ends with it."""
        taken = bytes(self.unsent[:most])
        del self.unsent[:most]
        self._end_sent = self._ends and not self.unsent
        return taken, self._end_sent

    def sent(self) -> None:
        """Note that the connection has taken bytes: a paused protocol may go on."""
        if self._paused and len(self.unsent) <= self._low and not self._over:
            self._paused = False
            self._protocol.resume_writing()
        self._finish_if_done()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """See `asyncio.WriteTransport`."""
        if high is None:
            high = HIGH_BYTES if low is None else 4 * low
        self._high, self._low = high, high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        """See `asyncio.WriteTransport`."""
        return len(self.unsent)

    # From the connection to the protocol.

    def begin(self) -> None:
        """Give the protocol its transport."""
        self._protocol.connection_made(self)

    def head_came(self, fields: Fields, *, ends: bool) -> None:
        """Take a header block that arrived.

        Raises:
            UntranslatableError: there is no such request in HTTP/1.1.
        """
        self._receive(self._exchange.incoming_head(fields, ends=ends), 0)

    def data_came(self, data: bytes, counted: int) -> None:
        """Take the content of a DATA frame, of which `counted` bytes are against the windows."""
        try:
            self._receive(self._exchange.incoming(data), counted)
        except UntranslatableError:
            self._drop(ErrorCodes.PROTOCOL_ERROR)

    def end_came(self) -> None:
        """Take END_STREAM."""
        self._end_came = True
        try:
            last = self._exchange.incoming_end()
        except UntranslatableError:
            self._drop(ErrorCodes.PROTOCOL_ERROR)
            return
        self._receive(last, 0)
        self._read_waiting()

    def _receive(self, data: bytes, counted: int) -> None:
        self._unread.append((data, counted))
        self._read_waiting()

    def _read_waiting(self) -> None:
        while self._unread and self._reads and not self._over:
            data, counted = self._unread.popleft()
            self._carrier.acknowledge(self, counted)
            if data and not self._closing:
                self._protocol.data_received(data)
        if self._end_came and not self._unread and not self._end_read and not self._over:
            self._end_read = True
            # For HTTP/1.1 the end of a message is not the end of its connection.
            if self._exchange.is_tunnel and not self._protocol.eof_received():
                self.close()
            self._finish_if_done()

    def pause_reading(self) -> None:
        """See `asyncio.ReadTransport`. The window stays closed for what is not read."""
        self._reads = False

    def resume_reading(self) -> None:
        """See `asyncio.ReadTransport`."""
        if not self._reads:
            self._reads = True
            asyncio.get_running_loop().call_soon(self._read_waiting)

    def is_reading(self) -> bool:
        """See `asyncio.ReadTransport`."""
        return self._reads and not self._closing

    # Closing.

    def close(self) -> None:
        """See `asyncio.BaseTransport`: what is written is still sent."""
        if self._closing or self._over:
            return
        self._closing = True
        self.write_eof()
        self._finish_if_done()

    def is_closing(self) -> bool:
        """See `asyncio.BaseTransport`."""
        return self._closing or self._over

    def abort(self) -> None:
        """See `asyncio.WriteTransport`. RFC 8441 section 5: CANCEL is a TCP connection's RST."""
        self._drop(ErrorCodes.CANCEL)

    def lost(self, error: Exception | None) -> None:
        """Tell the protocol, once, that the stream is over."""
        if not self._over:
            self._over = True
            self.unsent.clear()
            # The connection's window is that of all streams.
            self._carrier.acknowledge(self, sum(counted for _data, counted in self._unread))
            self._unread.clear()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, error)

    def _finish_if_done(self) -> None:
        # Not before the protocol closes: it may still be busy with what it has sent.
        if self._closing and self._end_sent:
            self._drop(self._leaving)

    def _drop(self, code: ErrorCodes) -> None:
        if not self._over:
            ended = self._end_sent and self._end_came
            self._carrier.drop(self, None if ended else code)
            self.lost(None)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `asyncio.BaseTransport`: of the TCP connection."""
        return self._carrier.get_extra_info(name, default)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """See `asyncio.BaseTransport`."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """See `asyncio.BaseTransport`."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol
