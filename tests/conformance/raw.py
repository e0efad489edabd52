"""TCP connections without a client library, to send what no library sends.

They send bytes as given, and read the answers with sans-I/O parsers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage

from lab.decode.rfc6455 import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from lab.handshakes.request import Request, handshake
from lab.judge.websocket.build import frame, header
from tests.conformance.client import in_time

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PING",
    "PONG",
    "TEXT",
    "RawConnection",
    "dial",
    "frame",
    "header",
    "upgraded",
]


class RawConnection:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._frames = Frames(ConnectionType.CLIENT)
        self._head = b""

    async def status(self, request: Request) -> int:
        """Send a request. Returns the status of its response; the body stays unread."""
        self.send(request.encode())
        return await self.answered()

    async def answered(self) -> int:
        """The status of the next response; the body stays unread."""
        self._head = await in_time(self._reader.readuntil(b"\r\n\r\n"))
        return int(self._head.split(b" ", 2)[1])

    async def body(self) -> bytes:
        """Read the body of that response, by its Content-Length."""
        _, _, value = self._head.lower().partition(b"content-length:")
        read: bytes = await in_time(self._reader.readexactly(int(value.partition(b"\r\n")[0])))
        return read

    def send(self, data: bytes) -> None:
        """Send these bytes unchanged."""
        self._writer.write(data)

    async def rest(self) -> bytes:
        """All bytes that the server sends until it ends the connection."""
        received = b""
        with suppress(ConnectionResetError):  # ended with bytes of ours unread
            while data := await in_time(self._reader.read(65536)):
                received += data
        return received

    async def texts(self) -> AsyncIterator[str]:
        """Each text message that the server sends, until it closes the connection."""
        async for message in self.messages():
            if isinstance(message, str):
                yield message

    async def messages(self) -> AsyncIterator[str | bytes]:
        """Each message that the server sends, until it closes the connection."""
        text, data = "", b""
        async for event in self._events():
            match event:
                case TextMessage():
                    text += event.data
                    if event.message_finished:
                        yield text
                        text = ""
                case CloseConnection():
                    return
                case BytesMessage():
                    data += event.data
                    if event.message_finished:
                        yield data
                        data = b""

    async def close_code(self) -> int | None:
        """The server's close code; None if it ends the connection without a close frame."""
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
async def dial(host: str, port: int) -> AsyncIterator[RawConnection]:
    """Connect. Close the connection when the context is left."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield RawConnection(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def upgraded(url: str) -> AsyncIterator[RawConnection]:
    """A connection after a successful opening handshake."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    async with dial(parts.hostname, parts.port) as connection:
        assert await connection.status(handshake(url)) == 101
        yield connection
