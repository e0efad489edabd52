"""Beside the wire: where a WebSocket frame begins and ends (RFC 6455), unmasked and inflated."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from lab.wire.view import inflated

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NAMES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}

UNFINISHED = "the tap ended inside a frame header"


class Header(NamedTuple):
    """RFC 6455 section 5.2. The payload is `body` to `end`, which may lie beyond the stream."""

    start: int
    body: int
    end: int
    opcode: int
    fin: bool
    rsv: int
    mask: bytes


class Deflate:
    """One direction's permessage-deflate (RFC 7692 section 7.2.2), window and all."""

    def __init__(self, keep_context: bool) -> None:
        self._keep = keep_context
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._lost = False

    def message(self, data: bytes) -> bytes:
        """Decompress one message. Raises ValueError, also for all that follow a damaged one."""
        if self._lost:
            raise ValueError("the compression window was lost with an earlier message")
        try:
            return inflated(self._inflater, data + b"\x00\x00\xff\xff")
        except ValueError:
            self._lost = self._keep
            raise
        finally:
            # A final block ends the stream, and the next message begins a new one.
            if not self._keep or self._inflater.eof:
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)


def headers(data: bytes, start: int) -> Iterator[Header | tuple[int, str]]:
    """Split a stream into frames; last, where one is unfinished or unreadable, where and why."""
    while start < len(data):
        header = header_at(data, start)
        yield header
        if not isinstance(header, Header) or header.end > len(data):
            return
        start = header.end


def header_at(data: bytes, start: int) -> Header | tuple[int, str]:
    """The frame that begins at `start`, of which 14 bytes are enough; or where, and why not."""
    head = data[start : start + 14]
    if len(head) < 2:
        return start, UNFINISHED
    length, at = head[1] & 0x7F, 2
    if length >= 126:
        at = 4 if length == 126 else 10
        length = int.from_bytes(head[2:at], "big")
    masked = head[1] & 0x80
    body = at + (4 if masked else 0)
    if len(head) < body:
        return start, UNFINISHED
    if length >> 63:
        return start, "a frame length has its highest bit set (RFC 6455 section 5.2)"
    end = start + body + length
    mask = head[at:body]
    return Header(start, start + body, end, head[0] & 15, head[0] > 127, head[0] >> 4 & 7, mask)


def unmask(data: bytes, mask: bytes) -> bytes:
    """RFC 6455 section 5.3; masking is its own inverse."""
    if not mask or not data:
        return data
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    whole = int.from_bytes(data, "big") ^ int.from_bytes(key, "big")
    return whole.to_bytes(len(data), "big")
