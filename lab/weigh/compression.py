"""Compresses and decompresses messages as transports do, and says what a context of zlib takes."""

from __future__ import annotations

__pure__ = True

import zlib
from collections.abc import Callable
from dataclasses import dataclass

GZIP_WINDOW = 15
"""HTTP servers don't choose the window of gzip."""
GZIP_FORMAT = 16
"""zlib's sign for gzip, added to the window's bits."""
SYNC_TAIL = b"\x00\x00\xff\xff"
"""The end of a sync flush, which permessage-deflate does not send (RFC 7692 section 7.2.1)."""
INFLATE_STATE_BYTES = 7 << 10

Filter = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Compression:
    """How messages are compressed.

    `kind`: `deflate` (permessage-deflate) or `gzip` (a Content-Encoding). `kept`: one context for
    all messages of a connection; otherwise a new one for each. `window` in bits (9 to 15), `level`
    1 to 9, `mem_level` 1 to 9, as zlib has them.
    """

    kind: str
    kept: bool
    window: int
    level: int
    mem_level: int

    @property
    def name(self) -> str:
        """As the table shows it."""
        settings = f"{self.window}:{self.level}" if self.kind == "deflate" else f"{self.level}"
        return f"{self.kind} {settings}, {'kept' if self.kept else 'fresh'}"

    @property
    def context_bytes(self) -> int:
        """What a server holds for a connection between two messages (zlib's zconf.h).

        A WebSocket needs a context for each direction, a streamed response only one.
        """
        if not self.kept:
            return 0
        held = deflate_bytes(self.window, self.mem_level)
        return held + inflate_bytes(self.window) if self.kind == "deflate" else held

    def compressor(self) -> Filter:
        """What a sender applies to each message of a connection."""
        if not self.kept:
            return self._alone
        kept = self._compressobj()
        cut = len(SYNC_TAIL) if self.kind == "deflate" else 0

        def compress(payload: bytes) -> bytes:
            made = kept.compress(payload) + kept.flush(zlib.Z_SYNC_FLUSH)
            return made[: len(made) - cut]

        return compress

    def decompressor(self) -> Filter:
        """What a receiver applies to each message of a connection."""
        tail = SYNC_TAIL if self.kind == "deflate" else b""
        if self.kept:
            kept = zlib.decompressobj(self._wbits)
            return lambda data: kept.decompress(data + tail)
        return lambda data: zlib.decompressobj(self._wbits).decompress(data + tail)

    @property
    def _wbits(self) -> int:
        return -self.window if self.kind == "deflate" else GZIP_FORMAT + self.window

    def _compressobj(self) -> zlib._Compress:
        return zlib.compressobj(self.level, zlib.DEFLATED, self._wbits, self.mem_level)

    def _alone(self, payload: bytes) -> bytes:
        fresh = self._compressobj()
        if self.kind == "gzip":
            return fresh.compress(payload) + fresh.flush()
        made = fresh.compress(payload) + fresh.flush(zlib.Z_SYNC_FLUSH)
        return made[: -len(SYNC_TAIL)]


def deflate_bytes(window: int, mem_level: int) -> int:
    """The memory of a compressor (zconf.h), without "a few kilobytes for small objects"."""
    return (1 << (window + 2)) + (1 << (mem_level + 9))


def inflate_bytes(window: int) -> int:
    """The memory of a decompressor (zconf.h): the window, and "about 7 kilobytes"."""
    return (1 << window) + INFLATE_STATE_BYTES
