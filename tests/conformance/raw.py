"""Lines to a server without any client library, for saying what no library would say.

What is sent is bytes; what comes back is read by sans-I/O parsers.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, TextMessage

from lab.handshakes.request import Request, handshake
from tests.conformance.guest import in_time

TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
CONTINUATION = 0x0


class Line:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._frames = Frames(ConnectionType.CLIENT)

    async def status(self, request: Request) -> int:
        """Send a request; returns the status of its response, whose body stays unread."""
        self.send(request.encode())
        head = await in_time(self._reader.readuntil(b"\r\n\r\n"))
        return int(head.split(b" ", 2)[1])

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    async def texts(self) -> AsyncIterator[str]:
        """Each text message that the server sends, until it closes the connection."""
        text = ""
        async for event in self._events():
            if isinstance(event, TextMessage):
                text += event.data
                if event.message_finished:
                    yield text
                    text = ""

    async def close_code(self) -> int | None:
        """The code with which the server closes; None where it hangs up without a close frame."""
        async for event in self._events():
            if isinstance(event, CloseConnection):
                return event.code
        return None

    async def _events(self) -> AsyncIterator[object]:
        ended = False
        while not ended:
            for event in self._frames.events():
                yield event
            try:
                data = await in_time(self._reader.read(65536))
            except ConnectionResetError:
                data = b""
            ended = not data
            self._frames.receive_data(data or None)


@asynccontextmanager
async def dial(host: str, port: int) -> AsyncIterator[Line]:
    """Connect, and hang up in the end."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def upgraded(url: str) -> AsyncIterator[Line]:
    """A line on which the opening handshake has been done, as it should be."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    async with dial(parts.hostname, parts.port) as line:
        assert await line.status(handshake(url)) == 101
        yield line


def frame(opcode: int, payload: bytes = b"", *, first: int = 0x80, masked: bool = True) -> bytes:
    """One frame (RFC 6455 section 5.2). `first` holds FIN and the reserved bits.

    The mask is zero, which leaves the payload readable, and is one like any other.
    """
    return header(opcode, len(payload), first=first, masked=masked) + payload


def header(opcode: int, length: int, *, first: int = 0x80, masked: bool = True) -> bytes:
    """The header of a frame that claims `length` bytes of payload."""
    mask_bit, mask = (0x80, b"\0\0\0\0") if masked else (0, b"")
    if length < 126:
        size = struct.pack("!B", mask_bit | length)
    elif length < 1 << 16:
        size = struct.pack("!BH", mask_bit | 126, length)
    else:
        size = struct.pack("!BQ", mask_bit | 127, length)
    return bytes([first | opcode]) + size + mask
