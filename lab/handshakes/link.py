"""A TCP connection without any client library that keeps all its bytes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from ssl import SSLContext, SSLObject
from time import perf_counter_ns
from typing import cast

import h11

from lab.decode.http1 import Message, read_response
from lab.decode.view import Stream
from lab.load.tapped import Capture
from lab.relay.capture import Chunk, ConnectionEvent, Traffic

_UPGRADING = h11.Request(
    method="GET", target="/", headers=[("Host", "x"), ("Upgrade", "websocket")]
)
"""A request with an upgrade, so that h11 accepts a 101 also where the server must not send it."""


LEAST_KERNEL_BUFFER = 4096
"""Bytes; the kernel rounds it up."""


class RawConnection(asyncio.Protocol):
    """The client's side of one TCP connection; a sans-I/O parser reads what comes in."""

    most_bytes = 64 << 20
    """More from the server ends the connection. A user of the connection may set less."""

    def __init__(self) -> None:
        self.ended = False
        """The server has closed the connection, or the connection broke."""
        self._transport: asyncio.Transport
        self._came = asyncio.Event()
        self._down = b""
        self._read_to = 0
        self._traffic = Traffic()
        self._chunks: list[Chunk] = []
        self._events: list[ConnectionEvent] = []

    def send(self, data: bytes) -> None:
        """Send bytes unchanged."""
        self._keep(Chunk(1, "up", perf_counter_ns(), data))
        self._transport.write(data)

    async def until(self, done: Callable[[], bool], patience_s: float) -> None:
        """Wait until `done`, until the connection ends, or until the patience is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not (done() or self.ended):
                    self._came.clear()
                    await self._came.wait()

    async def response(self, patience_s: float) -> Message:
        """Return the next HTTP response, as far as it arrives before the end or the patience."""

        def read() -> bool:
            message = self._parse()
            return message.complete or message.broken

        await self.until(read, patience_s)
        message = self._parse()
        self._read_to = message.end
        return message

    def body(self, message: Message) -> bytes:
        """Return the body of a response, without its framing."""
        return b"".join(self._down[start:end] for start, end in message.spans)

    @property
    def received(self) -> bytes:
        """Return everything that has arrived."""
        return self._down

    @property
    def position(self) -> int:
        """Return how much of it has been read."""
        return self._read_to

    @property
    def unread(self) -> bytes:
        """Return what has arrived and has not been taken."""
        return self._down[self._read_to :]

    @property
    def tls(self) -> SSLObject | None:
        """Return the TLS of the connection; None without it."""
        found: SSLObject | None = self._transport.get_extra_info("ssl_object")
        return found

    @property
    def overflowed(self) -> bool:
        """Return whether the server sent more than `most_bytes`."""
        return len(self._down) > self.most_bytes

    def take(self) -> bytes:
        """Return what is unread, and mark it as read."""
        data = self.unread
        self._read_to = len(self._down)
        return data

    def capture(self) -> Capture:
        """Everything that has crossed the connection so far."""
        return Capture(list(self._chunks), list(self._events), self._traffic)

    def stop_reading(self) -> None:
        """Read nothing more: what the server sends stays in the kernel, which takes little."""
        kernel = self._transport.get_extra_info("socket")
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LEAST_KERNEL_BUFFER)
        self._transport.pause_reading()

    def close_now(self) -> None:
        """Close the connection at once, without waiting for bytes in flight."""
        self._transport.abort()

    def _parse(self) -> Message:
        at = self._read_to
        if not self.unread:
            return Message(at, at, at, problem="nothing has arrived")
        stream = Stream("down", [(0, self._down)], self.ended)
        return read_response(stream, at, _UPGRADING)

    def _keep(self, chunk: Chunk) -> None:
        self._chunks.append(chunk)
        self._traffic.add(chunk.direction, len(chunk.data))

    # The callbacks of asyncio.Protocol.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._events.append(ConnectionEvent(1, "opened", perf_counter_ns()))

    def data_received(self, data: bytes) -> None:
        self._keep(Chunk(1, "down", perf_counter_ns(), data))
        self._down += data
        self._came.set()
        if self.overflowed:
            self._end(ConnectionEvent(1, "cut", perf_counter_ns(), "down", "too many bytes"))
            self.close_now()

    def eof_received(self) -> None:
        self._end(ConnectionEvent(1, "fin", perf_counter_ns(), "down"))

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._end(ConnectionEvent(1, "reset", perf_counter_ns(), "down", str(exc)))
        self._traffic.open = False
        self._end(ConnectionEvent(1, "closed", perf_counter_ns()))

    def _end(self, event: ConnectionEvent) -> None:
        self._events.append(event)
        self.ended = True
        self._came.set()


def head_of(response: Message) -> h11.Response | h11.InformationalResponse | None:
    """Return the head of a response; None where none has arrived."""
    return None if isinstance(response.head, h11.Request) else response.head


@asynccontextmanager
async def dial(
    host: str,
    port: int,
    ssl: SSLContext | None = None,
    server_name: str | None = None,
    *,
    local: str | None = None,
) -> AsyncIterator[RawConnection]:
    """Connect, and close in the end. Raises OSError where no server listens.

    `ssl`: the bytes that are kept are those inside TLS, whose certificate is for `server_name`.
    `local`: the address of this machine from which it connects.
    """
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        RawConnection,
        host,
        port,
        ssl=ssl,
        server_hostname=server_name if ssl else None,
        local_addr=(local, 0) if local else None,
    )
    try:
        yield connection
    finally:
        connection.close_now()
