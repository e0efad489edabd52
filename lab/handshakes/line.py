"""Among the handshakes: one TCP connection without any client library, all its bytes kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import perf_counter_ns
from typing import cast

import h11

from lab.load.tapped import Tape
from lab.wire.http1 import Message, read_response
from lab.wire.tape import Chunk, LineEvent, Traffic
from lab.wire.view import Stream

_UPGRADING = h11.Request(
    method="GET", target="/", headers=[("Host", "x"), ("Upgrade", "websocket")]
)
"""Whatever was asked: a 101 is to be read as what it is, also by whom it should not be said."""


class Line(asyncio.Protocol):
    """One TCP connection, as its client has it. What comes in is read by a sans-I/O parser."""

    def __init__(self) -> None:
        self.ended = False
        """The server has closed it, or it broke."""
        self._transport: asyncio.Transport
        self._came = asyncio.Event()
        self._down = b""
        self._read_to = 0
        self._traffic = Traffic()
        self._chunks: list[Chunk] = []
        self._events: list[LineEvent] = []

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._keep(Chunk(1, "up", perf_counter_ns(), data))
        self._transport.write(data)

    async def until(self, done: Callable[[], bool], patience_s: float) -> None:
        """Wait until `done`, or the line ends, or patience does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not (done() or self.ended):
                    self._came.clear()
                    await self._came.wait()

    async def response(self, patience_s: float) -> Message:
        """The next HTTP response, as far as it has come when the line ends or patience does."""

        def read() -> bool:
            message = self._parse()
            return message.complete or message.broken

        await self.until(read, patience_s)
        message = self._parse()
        self._read_to = message.end
        return message

    def body(self, message: Message) -> bytes:
        """The body of a response, without its framing."""
        return b"".join(self._down[start:end] for start, end in message.spans)

    @property
    def unread(self) -> bytes:
        """What has come and has not been taken yet."""
        return self._down[self._read_to :]

    def take(self) -> bytes:
        """Take what is unread."""
        data = self.unread
        self._read_to = len(self._down)
        return data

    def tape(self) -> Tape:
        """All that has crossed the line so far."""
        return Tape(list(self._chunks), list(self._events), self._traffic)

    def hang_up(self) -> None:
        """Close the connection, whatever is on its way."""
        self._transport.abort()

    def _parse(self) -> Message:
        at = self._read_to
        if not self.unread:
            return Message(at, at, at, problem="nothing has come")
        stream = Stream("down", [(0, self._down)], self.ended)
        return read_response(stream, at, _UPGRADING)

    def _keep(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self._traffic.add(chunk.direction, len(chunk.data))

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._events.append(LineEvent(1, "opened", perf_counter_ns()))

    def data_received(self, data: bytes) -> None:
        self._keep(Chunk(1, "down", perf_counter_ns(), data))
        self._down += data
        self._came.set()

    def eof_received(self) -> None:
        self._end(LineEvent(1, "fin", perf_counter_ns(), "down"))

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._end(LineEvent(1, "reset", perf_counter_ns(), "down", str(exc)))
        self._traffic.open = False
        self._end(LineEvent(1, "closed", perf_counter_ns()))

    def _end(self, event: LineEvent) -> None:
        self._events.append(event)
        self.ended = True
        self._came.set()


def head_of(response: Message) -> h11.Response | h11.InformationalResponse | None:
    """The head of a response; None where none has come."""
    return None if isinstance(response.head, h11.Request) else response.head


@asynccontextmanager
async def dial(host: str, port: int) -> AsyncIterator[Line]:
    """Connect, and hang up in the end. Raises OSError where nobody listens."""
    _, line = await asyncio.get_running_loop().create_connection(Line, host, port)
    try:
        yield line
    finally:
        line.hang_up()
