"""One WebTransport session, on either side: its CONNECT stream, and the one stream of its data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from transports._quic.capsules import Capsules, Close
from transports._quic.flow import Credited

PROTOCOL_ERROR = 1002
"""The code of a session whose client breaks this protocol, as in RFC 6455 section 7.4.1."""

Ended = Close | ConnectionError
"""How a session ended: closed by one of the two sides, or with the error that broke it."""


class Carrier(Protocol):
    """The connection of a session."""

    quic: Credited

    def transmit_soon(self) -> None:
        """Send at the end of this turn of the event loop."""

    def send_close(self, session_id: int, close: Close) -> None:
        """Tell the other side that this session is closed."""

    def close_soon(self) -> None:
        """Close the connection once the other side has answered, or not in time."""


class Session:
    """The session with this CONNECT stream.

    `received` is called with the bytes of its stream, `stream_ended` at their end, and `ended`
    once, with how the session ended.
    """

    received: Callable[[bytes], None]
    stream_ended: Callable[[], None]

    def __init__(
        self,
        carrier: Carrier,
        session_id: int,
        ended: Callable[[Ended], None],
    ) -> None:
        self.id = session_id
        self.stream_id: int | None = None
        self.is_open = True
        self.capsules = Capsules()
        self._carrier = carrier
        self._ended = ended

    def use(self, stream_id: int) -> None:
        """Carry the data on this stream."""
        self.stream_id = stream_id
        self._carrier.quic.handled(stream_id, 0)

    def send(self, data: bytes) -> None:
        """Send these bytes, without waiting."""
        if self.is_open and self.stream_id is not None:
            self._carrier.quic.send_stream_data(self.stream_id, data)
            self._carrier.transmit_soon()

    def unsent(self) -> int:
        """The bytes that QUIC has not sent yet: its flow or its congestion control waits."""
        return 0 if self.stream_id is None else self._carrier.quic.unsent(self.stream_id)

    def handled(self, count: int) -> None:
        """Let the other side send so many bytes more."""
        if not self.is_open or self.stream_id is None:
            return
        if self._carrier.quic.handled(self.stream_id, count):
            self._carrier.transmit_soon()

    def close(self, code: int, reason: str) -> None:
        """Close the session with a code and a reason, and drop what is unsent.

        The close has a stream of its own. So it arrives even if the other side reads no data.
        """
        if not self.is_open:
            return
        close = Close(code, reason)
        if self.stream_id is not None:
            self._end_stream(self.stream_id)
        self._carrier.send_close(self.id, close)
        self.finish(close)
        self._carrier.close_soon()

    def _end_stream(self, stream_id: int) -> None:
        if self._carrier.quic.unsent(stream_id):
            self._carrier.quic.reset_stream(stream_id, 0)
        else:
            self._carrier.quic.send_stream_data(stream_id, b"", end_stream=True)

    def finish(self, how: Ended) -> None:
        """Note that the session is over."""
        if self.is_open:
            self.is_open = False
            self._ended(how)
