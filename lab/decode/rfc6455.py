"""Find where a WebSocket frame begins and ends (RFC 6455), and take its mask off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
