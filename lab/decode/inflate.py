"""Decompress all of what came: zlib stops at the end of a stream, and this reads on.

A gzip body may have several members (RFC 1952 section 2.2), a WebSocket message several final
blocks (RFC 7692 section 7.2.3.4). zlib leaves what follows the first of them in `unused_data`.
"""

from __future__ import annotations

import zlib

INFLATED_BYTES_MAX = 64 << 20
STREAMS_MAX = 1024
"""The most streams in one body or message: each costs a new decompressor, however short it is."""
PIECE_BYTES = 64 << 10
"""zlib copies what follows a stream, so it gets no more than this at once."""
WINDOW_BYTES = 1 << zlib.MAX_WBITS

TAIL = b"\x00\x00\xff\xff"
"""What a sender leaves off the end of a message (RFC 7692 section 7.2.1)."""
LAST_BLOCK = b"\x01\x00\x00\xff\xff"
"""An empty final block without compression (RFC 1951 section 3.2.4)."""

GZIP = zlib.MAX_WBITS + 16
ZLIB = zlib.MAX_WBITS
RAW = -zlib.MAX_WBITS


class Inflater:
    """Decompresses data that comes as one stream after the other.

    Raw deflate keeps its window from one stream to the next: what a sender compresses after a
    final block may refer to the text before it.
    """

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._window = b""
        self._zlib = zlib.decompressobj(wbits)

    @property
    def ended(self) -> bool:
        """Whether the data so far ends where a stream ends."""
        return self._zlib.eof

    def read(self, data: bytes) -> bytes:
        """Decompress all of `data`.

        Raises ValueError with the reason: damaged data, over 64 MiB of text, too many streams.
        """
        parts: list[bytes] = []
        room, streams = INFLATED_BYTES_MAX, 0
        for at in range(0, len(data), PIECE_BYTES):
            piece = data[at : at + PIECE_BYTES]
            while piece:
                if self._zlib.eof:
                    self._begin_stream()
                    streams += 1
                if streams > STREAMS_MAX:
                    raise ValueError(f"compressed data has more than {STREAMS_MAX} streams")
                part = self._decompress(piece, room)
                room -= len(part)
                parts.append(part)
                piece = self._zlib.unused_data
        return b"".join(parts)

    def is_between_blocks(self) -> bool:
        """Whether raw deflate ends at the end of a block: an empty final block is read as one."""
        probe = self._zlib.copy()
        try:
            return probe.decompress(LAST_BLOCK) == b"" and probe.eof and not probe.unused_data
        except zlib.error:
            return False

    def _decompress(self, piece: bytes, room: int) -> bytes:
        try:
            part = self._zlib.decompress(piece, room + 1)
        except zlib.error as error:
            raise ValueError(f"compressed data is damaged: {error}") from error
        if len(part) > room:
            raise ValueError(f"compressed data grows beyond {INFLATED_BYTES_MAX} bytes")
        if self._wbits == RAW:
            self._window = (self._window + part[-WINDOW_BYTES:])[-WINDOW_BYTES:]
        return part

    def _begin_stream(self) -> None:
        # Only raw deflate takes a dictionary without asking for it.
        self._zlib = (
            zlib.decompressobj(RAW, zdict=self._window)
            if self._wbits == RAW
            else zlib.decompressobj(self._wbits)
        )


CODINGS = ("gzip", "x-gzip", "deflate")


def inflater_for(coding: str) -> Inflater:
    """What reads this content coding. Raises ValueError for another than `CODINGS`."""
    if coding not in CODINGS:
        raise ValueError(f"content coding {coding!r} is not decoded here")
    return Inflater(ZLIB if coding == "deflate" else GZIP)


def inflate_body(data: bytes, coding: str, *, complete: bool) -> bytes:
    """The text of an HTTP body with this content coding (RFC 9110 section 8.4.1).

    `complete`: all of the body came, so its compressed data must be complete as well. Raises
    ValueError, with the reason: an unknown coding; data that is damaged, too long, cut off, or
    followed by something else.
    """
    inflater = inflater_for(coding)
    text = inflater.read(data)
    if complete and not inflater.ended:
        raise ValueError("compressed data ends before its own end")
    return text


class Deflate:
    """One direction's permessage-deflate (RFC 7692 section 7.2.2).

    `keep_context`: a message may refer to the text of earlier messages.
    """

    def __init__(self, keep_context: bool) -> None:
        self._keep = keep_context
        self._inflater = Inflater(RAW)
        self._lost = False

    def message(self, data: bytes) -> bytes:
        """Decompress one message.

        Raises ValueError, with the reason. Where messages share a window, every message after a
        damaged one raises it too.
        """
        if self._lost:
            raise ValueError("the compression window was lost with an earlier message")
        try:
            return self._message(data)
        except ValueError:
            self._lost = self._keep
            raise
        finally:
            if not self._keep:
                self._inflater = Inflater(RAW)

    def _message(self, data: bytes) -> bytes:
        text = self._inflater.read(data)
        if data and self._inflater.ended:
            # The sender flushed with a final block and left off the empty block behind it.
            return text
        text += self._inflater.read(TAIL)
        if not self._inflater.is_between_blocks():
            raise ValueError("a compressed message ends inside a block (RFC 7692 section 7.2.2)")
        return text
