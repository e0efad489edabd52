"""The client's side of an open WebSocket: messages and control frames, as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter_ns

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import (
    CloseConnection,
    Event,
    Message,
    Ping,
    Pong,
    TextMessage,
)
from wsproto.extensions import Extension, PerMessageDeflate

from lab.handshakes.link import RawConnection

DEFLATE = "permessage-deflate"
GOING_AWAY = 1001
"""RFC 6455 section 7.4.1: what a page sends that is left."""


class Frames:
    """An open WebSocket on a connection. `extensions`: what the server accepted."""

    def __init__(self, connection: RawConnection, extensions: Sequence[str] = ()) -> None:
        self.messages: deque[str | bytes] = deque()
        """What has arrived and has not been taken."""
        self.pings = 0
        """How many pings have come; each is answered."""
        self.close: tuple[int, str] | None = None
        """Code and reason of the server's close frame, or how the server broke RFC 6455."""
        self._connection = connection
        self._frames = Connection(ConnectionType.CLIENT, _deflate(extensions))
        self._pongs = 0
        self._parts: list[str | bytes] = []

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        self._read()
        return self.close is not None or self._connection.ended

    def send(self, text: str) -> None:
        """Send a text message; a closed WebSocket sends nothing."""
        self._send(TextMessage(text))

    def leave(self) -> None:
        """Send a close frame."""
        self._send(CloseConnection(GOING_AWAY))

    async def next(self, patience_s: float) -> str | bytes | None:
        """The next message; None where none comes in time."""
        await self._connection.until(lambda: bool(self._read().messages), patience_s)
        return self._read().messages.popleft() if self.messages else None

    async def ping(self, patience_s: float) -> int | None:
        """Send a ping; return after how many ns its pong came. None: it did not."""
        before, start_ns = self._pongs, perf_counter_ns()
        self._send(Ping(b"lab"))
        await self._connection.until(lambda: self._read()._pongs > before, patience_s)
        return perf_counter_ns() - start_ns if self._pongs > before else None

    async def listen(self, duration_s: float) -> None:
        """Take what comes for a while, or until the server ends the connection."""
        await self._connection.until(lambda: self._read().close is not None, duration_s)
        self._read()

    def _send(self, event: Event) -> None:
        if self._frames.state is ConnectionState.OPEN and not self._connection.ended:
            self._connection.send(self._frames.send(event))

    def _read(self) -> Frames:
        if (data := self._connection.take()) and self._frames.state is not ConnectionState.CLOSED:
            self._frames.receive_data(data)
            for event in self._frames.events():
                self._take(event)
        return self

    def _take(self, event: Event) -> None:
        if isinstance(event, Ping):
            self.pings += 1
            self._send(event.response())
        elif isinstance(event, Pong):
            self._pongs += 1
        elif isinstance(event, CloseConnection):
            self.close = self.close or (event.code, event.reason or "")
        elif isinstance(event, Message):
            self._parts.append(event.data)
            if event.message_finished:
                self.messages.append(_joined(self._parts))
                self._parts = []


def _joined(parts: list[str | bytes]) -> str | bytes:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if texts else b"".join(p for p in parts if isinstance(p, bytes))


def _deflate(accepted: Sequence[str]) -> list[Extension]:
    """What decompresses; none where the server accepted nothing of the kind that can be read."""
    for parameters in accepted:
        if parameters.partition(";")[0].strip() == DEFLATE:
            extension = PerMessageDeflate()
            extension.offer()
            with suppress(ValueError):
                extension.finalize(parameters)
                return [extension]
    return []
