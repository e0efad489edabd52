"""One TCP connection of HTTP/2: reads frames, and shares the windows among its streams.

The library h2 keeps the state of RFC 9113 and says which error ends a connection. It does no I/O.
A DATA frame is sent only as far as the windows of its stream and of the connection admit, and only
while the socket takes bytes. The rest waits in the stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import FrameTooLargeError, ProtocolError
from h2.settings import SettingCodes, Settings

from transports._h2.exchange import Fields
from transports._h2.stream import Stream
from transports._shared.fairness import read_little
from transports._shared.serving import CLOSE_TIMEOUT_S

SOCKET_BYTES = 64 * 1024
"""Bytes that the socket may hold unsent before the streams wait. More of them would be sent even if
their stream were reset meanwhile."""
CONTROL_BYTES = 1024 * 1024
"""Bytes in the socket that end the connection. Only answers to PING and SETTINGS get so far: a
client asks for them and does not read them."""
HEADER_BYTES = 32 * 1024
"""The largest header list that is admitted, as RFC 9113 section 10.5.1 counts it."""
STREAM_WINDOW = 256 * 1024
CONNECTION_WINDOW = 1024 * 1024
"""What the peer may send before this side has read it, on each stream and on all of them. The
protocol's default is 65,535 bytes: at a round trip of 100 ms that is 640 kB/s."""
FRAME_BYTES = 16_384
"""The largest frame that is admitted, the protocol's default (RFC 9113 section 6.5.2)."""
_HEAD_BYTES = 9  # section 4.1
_PREFACE_BYTES = 24  # section 3.4
_DEFAULT_WINDOW = 65_535
WINDOWS = {
    "windows": f"{STREAM_WINDOW // 1024} KiB a stream, {CONNECTION_WINDOW // 1024} KiB a connection"
}
"""What a reader should see of this beside the figures."""


class _FrameSizes:
    """Finds a frame that is too large by its head, before the library keeps any of it."""

    def __init__(self, preface_bytes: int) -> None:
        self._skipped = preface_bytes
        self._head = bytearray()

    def check(self, data: bytes) -> None:
        """Follow the bytes that arrive.

        Raises:
            FrameTooLargeError: a frame is longer than announced (RFC 9113 section 4.2).
        """
        at = 0
        while at < len(data):
            if self._skipped:
                at, self._skipped = at + self._skipped, max(0, at + self._skipped - len(data))
                continue
            part = data[at : at + _HEAD_BYTES - len(self._head)]
            self._head += part
            at += len(part)
            if len(self._head) == _HEAD_BYTES:
                self._skipped = int.from_bytes(self._head[:3], "big")
                self._head.clear()
                if self._skipped > FRAME_BYTES:
                    raise FrameTooLargeError(f"a frame has at most {FRAME_BYTES} bytes")


class Http2(asyncio.Protocol):
    """The asyncio protocol of one TCP connection, on either side."""

    def __init__(self, *, is_client: bool, settings: dict[SettingCodes, int]) -> None:
        self.streams: dict[int, Stream] = {}
        self.is_open = True
        """Whether new streams may be opened."""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._h2 = H2Connection(H2Configuration(client_side=is_client, header_encoding=None))
        first = {
            SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
            SettingCodes.MAX_HEADER_LIST_SIZE: HEADER_BYTES,
            SettingCodes.ENABLE_PUSH: 0,
            **settings,
        }
        self._h2.local_settings = Settings(client=is_client, initial_values=first)
        self._h2.decoder.max_header_list_size = HEADER_BYTES
        self._sizes = _FrameSizes(0 if is_client else _PREFACE_BYTES)
        self._tcp: asyncio.Transport
        self._waiting: dict[Stream, None] = {}  # in the order of their turns
        self._blocked: dict[Stream, None] = {}
        self._out = bytearray()
        self._is_full = False
        self._held = 0
        self._cutting: asyncio.TimerHandle | None = None

    # The socket.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the preface: SETTINGS, and a larger window for the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._tcp = transport
        read_little(transport)
        transport.set_write_buffer_limits(high=SOCKET_BYTES)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(CONNECTION_WINDOW - _DEFAULT_WINDOW)
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Handle frames. A broken one ends the connection with the code of its clause."""
        with self._gathered():
            try:
                found = self._h2.receive_data(data)
                self._sizes.check(data)
            except ProtocolError as error:
                self._violated(error)
                return
            for event in found:
                self._handle(event)
            self._pump()

    def eof_received(self) -> None:
        """The other side sends nothing more: the socket closes."""

    def pause_writing(self) -> None:
        """Let the streams wait for the socket."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Let the streams go on."""
        self._is_full = False
        self._pump()

    def connection_lost(self, exc: Exception | None) -> None:
        """End every stream."""
        if self._cutting is not None:
            self._cutting.cancel()
        for stream in list(self.streams.values()):
            stream.lost(exc or ConnectionResetError("the HTTP/2 connection ended"))
        self._forget_all()
        self.is_open = False
        if not self.gone.done():
            self.gone.set_result(None)

    def _forget_all(self) -> None:
        self.streams.clear()
        self._waiting.clear()
        self._blocked.clear()

    @contextmanager
    def _gathered(self) -> Iterator[None]:
        """Gather what is sent meanwhile into one write."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self.flush()

    def flush(self) -> None:
        """Write what is ready, unless a caller gathers it."""
        self._out += self._h2.data_to_send()
        if not self._held or len(self._out) >= SOCKET_BYTES:
            self._write()

    def _write(self) -> None:
        if self._out:
            data, self._out = bytes(self._out), bytearray()
            self._tcp.write(data)
            if self._tcp.get_write_buffer_size() > CONTROL_BYTES:
                self._tcp.abort()

    def close(self, code: ErrorCodes = ErrorCodes.NO_ERROR) -> None:
        """Send GOAWAY and close, whether or not the peer reads it (RFC 9113 section 6.8)."""
        with suppress(ProtocolError):
            self._h2.close_connection(code)
        self._close_socket()

    def _violated(self, error: ProtocolError) -> None:
        # h2 has made the GOAWAY with the code of the clause, unless the preface itself is wrong.
        if self._h2.state_machine.state is not ConnectionState.CLOSED:
            self._h2.close_connection(error.error_code)
        self._end(str(error))

    def _end(self, reason: str) -> None:
        """End every stream, and close the socket."""
        for stream in list(self.streams.values()):
            stream.lost(ConnectionResetError(reason))
        self._forget_all()
        self._close_socket()

    def _close_socket(self) -> None:
        self.is_open = False
        self.flush()
        self._write()
        if self._is_full:
            self._tcp.abort()
        elif self._cutting is None:
            self._tcp.close()
            loop = asyncio.get_running_loop()
            self._cutting = loop.call_later(CLOSE_TIMEOUT_S / 2, self._tcp.abort)

    # Frames that arrive.

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.DataReceived():
                self._data_came(event)
            case events.StreamEnded():
                if (stream := self.streams.get(event.stream_id)) is not None:
                    stream.end_came()
            case events.StreamReset():
                self._reset_came(event)
            case events.WindowUpdated() | events.RemoteSettingsChanged():
                # Which streams may go on now is found when they try.
                self._waiting |= self._blocked
                self._blocked.clear()
            case events.ConnectionTerminated():
                # The peer may still read what its streams were sent. h2 sends nothing any more.
                self._end("the other side said GOAWAY")

    def _data_came(self, event: events.DataReceived) -> None:
        counted = event.flow_controlled_length
        stream = self.streams.get(event.stream_id)
        if stream is None:
            self._acknowledge(event.stream_id, counted)
        else:
            stream.data_came(event.data, counted)

    def _reset_came(self, event: events.StreamReset) -> None:
        if (stream := self.streams.get(event.stream_id)) is not None:
            code = event.error_code
            name = code.name if isinstance(code, ErrorCodes) else str(code)
            stream.lost(ConnectionResetError(f"the stream was reset: {name}"))
            self._forget(stream)

    def _acknowledge(self, stream_id: int, count: int) -> None:
        if count:
            with suppress(ProtocolError):
                self._h2.acknowledge_received_data(count, stream_id)
            self.flush()

    # What the streams ask for.

    def send_head(self, stream: Stream, fields: Fields) -> None:
        """See `Carrier`."""
        with suppress(ProtocolError):  # the stream has just been reset
            self._h2.send_headers(stream.id, fields)
        self.flush()

    def pump(self, stream: Stream) -> None:
        """See `Carrier`."""
        if stream.has_more and stream not in self._blocked:
            self._waiting[stream] = None
        if not self._held:
            self._pump()

    def acknowledge(self, stream: Stream, count: int) -> None:
        """See `Carrier`."""
        self._acknowledge(stream.id, count)

    def drop(self, stream: Stream, code: ErrorCodes | None) -> None:
        """See `Carrier`."""
        if code is not None:
            self.reset(stream.id, code)
        self._forget(stream)

    def reset(self, stream_id: int, code: ErrorCodes) -> None:
        """Send RST_STREAM."""
        with suppress(ProtocolError):  # its end, or the connection's, is still to be handled
            self._h2.reset_stream(stream_id, code)
        self.flush()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `Carrier`."""
        return self._tcp.get_extra_info(name, default)

    def _forget(self, stream: Stream) -> None:
        self.streams.pop(stream.id, None)
        self._waiting.pop(stream, None)
        self._blocked.pop(stream, None)
        if not self.streams:
            self._is_idle()

    def _is_idle(self) -> None:
        """The last stream has ended."""
        if self._is_full:
            self._tcp.abort()  # nothing but answers to a client that does not read

    def _pump(self) -> None:
        """Give each waiting stream a frame in turn, until the windows or the socket are full."""
        with self._gathered():
            while self._waiting and not self._is_full:
                stream = next(iter(self._waiting))
                del self._waiting[stream]
                self._send_some(stream)
                self.flush()

    def _send_some(self, stream: Stream) -> None:
        try:
            room = self._h2.local_flow_control_window(stream.id)
            if room <= 0 and stream.unsent:
                self._blocked[stream] = None
                return
            data, ends = stream.take(min(room, self._h2.max_outbound_frame_size))
            self._h2.send_data(stream.id, data, end_stream=ends)
        except ProtocolError as error:  # its end is still to be handled
            stream.lost(ConnectionResetError(str(error)))
            self._forget(stream)
            return
        stream.sent()
        if stream.has_more:
            self._waiting[stream] = None
