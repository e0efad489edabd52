"""Flow control of a QUIC connection: a stream gets more credit as its bytes are handled.

A stream gets credit only for what is handled, not for what has arrived. A stream that is not the
session's gets none beyond its first.
"""

from __future__ import annotations

from typing import Self, cast

from aioquic.quic.connection import MAX_STREAM_DATA_FRAME_CAPACITY, QuicConnection
from aioquic.quic.packet import QuicFrameType
from aioquic.quic.packet_builder import QuicPacketBuilder
from aioquic.quic.recovery import QuicPacketSpace
from aioquic.quic.stream import QuicStream

WINDOW_BYTES = 256 * 1024
"""The bytes of one stream that a peer may send before the first of them are handled."""


class Credited(QuicConnection):
    """A connection of the library whose streams get credit for what is handled.

    These private parts of the library are used, since they have no public hook: the credit
    (`_write_stream_limits`), and how much of a stream is unsent (`_streams`, `_buffer_stop`).
    """

    _handled: dict[int, int]

    @classmethod
    def take_over(cls, made: QuicConnection) -> Self:
        """Change the credit of a connection that the library's server has made."""
        made.__class__ = cls
        taken = cast("Self", made)
        taken._handled = {}
        return taken

    def handled(self, stream_id: int, count: int) -> bool:
        """Note that so many bytes need no more memory. Returns whether credit is due for them."""
        self._handled[stream_id] = self._handled.get(stream_id, 0) + count
        stream: QuicStream | None = self._streams.get(stream_id)
        return stream is not None and self._credit(stream) is not None

    def _credit(self, stream: QuicStream) -> int | None:
        """The next limit of a stream, once half of its window is handled since the last."""
        window = self._configuration.max_stream_data
        assert stream.stream_id is not None  # so it is for all streams of a connection
        limit = self._handled[stream.stream_id] + window
        return limit if limit - stream.max_stream_data_local >= window // 2 else None

    def unsent(self, stream_id: int) -> int:
        """The bytes of a stream that have not been sent yet, not even once."""
        stream = self._streams.get(stream_id)
        if stream is None:
            return 0
        return stream.sender._buffer_stop - stream.sender.highest_offset

    def _write_stream_limits(
        self, builder: QuicPacketBuilder, space: QuicPacketSpace, stream: QuicStream
    ) -> None:
        if stream.stream_id not in self._handled:
            return
        if (limit := self._credit(stream)) is not None:
            stream.max_stream_data_local = limit
        if stream.max_stream_data_local_sent != stream.max_stream_data_local:
            frame = builder.start_frame(
                QuicFrameType.MAX_STREAM_DATA,
                capacity=MAX_STREAM_DATA_FRAME_CAPACITY,
                handler=self._on_max_stream_data_delivery,
                handler_args=(stream,),
            )
            frame.push_uint_var(stream.stream_id)
            frame.push_uint_var(stream.max_stream_data_local)
            stream.max_stream_data_local_sent = stream.max_stream_data_local
