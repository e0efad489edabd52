"""A client of HTTP/2 that sends frames as they are given, and reads those of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from hpack import Encoder
from hyperframe.frame import Frame, GoAwayFrame, HeadersFrame, SettingsFrame

from tests.conformance.client import in_time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""RFC 9113 section 3.4."""
HEAD_BYTES = 9
"""RFC 9113 section 4.1."""


class Frames:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.encoder = Encoder()

    def send(self, *frames: Frame | bytes) -> None:
        """Send frames, or bytes in their place."""
        self._writer.write(
            b"".join(each if isinstance(each, bytes) else each.serialize() for each in frames)
        )

    def headers(
        self, stream: int, fields: Iterable[tuple[str, str]], *, ends: bool = True
    ) -> HeadersFrame:
        """A whole header block in one frame."""
        flags = ["END_HEADERS", *(["END_STREAM"] if ends else [])]
        return HeadersFrame(stream, self.encoder.encode(list(fields)), flags=flags)

    async def frames(self) -> AsyncIterator[Frame]:
        """Each frame that the server sends, until it closes the connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionResetError):
            while True:
                head = await in_time(self._reader.readexactly(HEAD_BYTES))
                frame, length = Frame.parse_frame_header(memoryview(head))
                frame.parse_body(memoryview(await in_time(self._reader.readexactly(length))))
                yield frame

    async def first(self, kind: type[Frame]) -> Frame:
        """The next frame of this kind."""
        async for frame in self.frames():
            if isinstance(frame, kind):
                return frame
        raise AssertionError(f"the server closed without {kind.__name__}")

    async def goes_away(self) -> int:
        """The code of the server's GOAWAY, after which it closes the connection."""
        codes = [
            frame.error_code async for frame in self.frames() if isinstance(frame, GoAwayFrame)
        ]
        assert len(codes) == 1, codes
        return int(codes[0])


@asynccontextmanager
async def dial(url: str, *, preface: bool = True) -> AsyncIterator[Frames]:
    """Connect with prior knowledge. Close the connection when the context is left."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    frames = Frames(reader, writer)
    if preface:
        frames.send(PREFACE, SettingsFrame(0))
    try:
        yield frames
    finally:
        writer.transport.abort()


def request(url: str, *, method: str = "GET", **fields: str) -> list[tuple[str, str]]:
    """The fields of a request to this server."""
    return [
        (":method", method),
        (":scheme", "http"),
        (":authority", urlsplit(url).netloc),
        (":path", "/"),
        *fields.items(),
    ]
