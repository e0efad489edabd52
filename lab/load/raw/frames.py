"""RFC 6455 frames for a client that reads only headers."""

from __future__ import annotations

__pure__ = True

import struct
from collections.abc import Callable

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
MASK = b"\0\0\0\0"
"""A client must mask its frames (section 5.1). This mask leaves the payload as it is. A browser's
mask must be unpredictable; this driver's need not be."""
NO_TEXT = b"\xff"
"""No text begins with this, because it is not UTF-8 (RFC 3629, section 1)."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole frame from a client to a server (section 5.2)."""
    length = len(payload)
    if length < 126:
        size = struct.pack("!B", MASKED | length)
    elif length < 1 << 16:
        size = struct.pack("!BH", MASKED | 126, length)
    else:
        size = struct.pack("!BQ", MASKED | 127, length)
    return bytes([FINAL | opcode]) + size + MASK + payload


class Skipper:
    """Reads what a server sends, in pieces of any size, and counts the deliveries.

    A delivery is a whole frame with this opcode whose payload begins with `mark`. Every other frame
    goes to `on_other`, as its first byte and its payload.
    """

    def __init__(
        self, mark: bytes, on_other: Callable[[int, bytes], None], opcode: int = TEXT
    ) -> None:
        self._mark = mark
        self._first = FINAL | opcode
        self._on_other = on_other
        self._rest = b""
        self.last = b""
        """The payload of the newest delivery."""

    def feed(self, data: bytes) -> int:
        """Read a piece. Returns how many deliveries it completed."""
        if self._rest:
            data = self._rest + data
        mark, first, end = self._mark, self._first, len(data)
        count = at = newest = newest_stop = 0
        while at + 2 <= end:
            length = data[at + 1]
            payload = at + 2
            if length == 126:
                payload = at + 4
                length = data[at + 2] << 8 | data[at + 3] if payload <= end else 0
            elif length == 127:
                payload = at + 10
                length = int.from_bytes(data[at + 2 : payload]) if payload <= end else 0
            stop = payload + length
            if stop > end:
                break
            # A mark that reaches past the frame can't match, because the next frame does not begin
            # with a byte that a mark has.
            if data[at] == first and data.startswith(mark, payload):
                count += 1
                newest, newest_stop = payload, stop
            else:
                self._on_other(data[at], data[payload:stop])
            at = stop
        self._rest = data[at:]
        if count:
            self.last = data[newest:newest_stop]
        return count


class Reader:
    """A slower Skipper, which also passes each delivery's payload to `on_delivery`."""

    def __init__(
        self,
        mark: bytes,
        on_delivery: Callable[[bytes], None],
        on_other: Callable[[int, bytes], None],
        opcode: int = TEXT,
    ) -> None:
        self._mark = mark
        self._first = FINAL | opcode
        self._on_delivery = on_delivery
        self._on_other = on_other
        # With this mark the Skipper finds no deliveries, so it passes all frames to this class.
        self._skipper = Skipper(NO_TEXT, self._one)
        self._count = 0
        self.last = b""
        """The payload of the newest delivery."""

    def feed(self, data: bytes) -> int:
        """Read a piece. Returns how many deliveries it completed."""
        self._count = 0
        self._skipper.feed(data)
        return self._count

    def _one(self, first: int, payload: bytes) -> None:
        if first == self._first and payload.startswith(self._mark):
            self._count += 1
            self.last = payload
            self._on_delivery(payload)
        else:
            self._on_other(first, payload)
