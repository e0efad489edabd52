"""Compress what a fallback's server sends: one response, or the writes of a stream.

aiohttp compresses a response too (`enable_compression`), but it writes only what zlib gives out by
itself. A stream's events would wait in zlib until some kilobytes are there. So each write is
flushed here.
"""

from __future__ import annotations

from lab.compression import Compression

__pure__ = True

import re
import zlib
from collections.abc import Callable

GZIP_FORMAT = 16
"""zlib's sign for gzip, added to the bits of the window."""
HEADERS = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}

_NONE = re.compile(r";\s*q=0(\.0*)?\s*$", re.IGNORECASE)
Filter = Callable[[bytes], bytes]


def takes_gzip(accepted: str) -> bool:
    """Whether a client with this `Accept-Encoding` takes gzip (RFC 9110 section 12.5.3)."""
    codings = [each.strip() for each in accepted.split(",")]
    return any(
        each.partition(";")[0].strip().lower() in ("gzip", "*") and not _NONE.search(each)
        for each in codings
    )


def whole(body: bytes, compression: Compression) -> bytes:
    """A body as gzip."""
    made = _compressor(compression)
    return made.compress(body) + made.flush()


def writes(compression: Compression | None) -> tuple[Filter, Callable[[], bytes]]:
    """What to do with each write of a stream, and what ends the stream. None: no compression.

    A write without takeover forgets the text before it (`Z_FULL_FLUSH`).
    """
    if compression is None:
        return bytes, bytes
    made = _compressor(compression)
    mode = zlib.Z_SYNC_FLUSH if compression.takeover else zlib.Z_FULL_FLUSH
    return lambda data: made.compress(data) + made.flush(mode), made.flush


def _compressor(compression: Compression) -> zlib._Compress:
    return zlib.compressobj(compression.level, zlib.DEFLATED, GZIP_FORMAT + compression.window)
