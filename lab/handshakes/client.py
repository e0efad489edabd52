"""Sends one opening handshake to a server, and finds out the state of the connection.

Headers do not say whether a connection is kept or closed. So the client tries it: after a response
it sends the right handshake on the same connection, after a 101 a ping, which gets a pong
(RFC 6455 section 5.5.2).
"""

from __future__ import annotations

import msgspec
from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, Ping, Pong

from lab.decode.http1 import Message
from lab.handshakes.answer import After, Answer, first_line
from lab.handshakes.link import RawConnection, dial, head_of
from lab.handshakes.request import Request
from lab.load.tapped import Capture

HTTP = b"H"
"""The first byte of an HTTP response. As a frame it would be half a compressed close frame."""


class Exchange(msgspec.Struct, frozen=True):
    """A server's answer to an opening handshake, and every byte of the connection."""

    answer: Answer
    capture: Capture


async def ask(
    host: str, port: int, request: Request, again: Request, patience_s: float
) -> Exchange:
    """Send `request` on a new connection, and then `again`, which is a right handshake.

    Raises OSError where no server listens.
    """
    async with dial(host, port) as connection:
        connection.send(request.encode())
        message = await connection.response(patience_s)
        if message.broken:
            await connection.until(lambda: False, patience_s)
        answer = _answer(connection, message)
        if answer.status == 101:
            answer = await _upgraded(connection, answer, patience_s)
        elif message.complete and not connection.ended:
            connection.send(again.encode())
            second = await connection.response(patience_s)
            after = _open_or_not(connection) if second.head is None else After.KEPT
            answer = msgspec.structs.replace(answer, after=after)
        return Exchange(answer, connection.capture())


def _answer(connection: RawConnection, message: Message) -> Answer:
    """Return what has arrived before anything else is sent."""
    head = head_of(message)
    if head is None:
        return Answer(None, _open_or_not(connection), body=first_line(connection.unread))
    versions = [value for name, value in head.headers if name == b"sec-websocket-version"]
    return Answer(
        status=head.status_code,
        after=_open_or_not(connection),
        reason=bytes(head.reason).decode(errors="replace"),
        body=first_line(connection.body(message)),
        version=bytes(versions[0]).decode() if versions else None,
    )


def _open_or_not(connection: RawConnection) -> After:
    return After.CLOSED if connection.ended else After.DEAF


async def _upgraded(connection: RawConnection, answer: Answer, patience_s: float) -> Answer:
    """Find out how the server answers a ping where frames are expected."""
    frames = _Frames(connection)
    await connection.until(frames.settled, patience_s)
    if not connection.unread.startswith(HTTP):
        after = frames.after or _open_or_not(connection)
        return msgspec.structs.replace(answer, after=after, body=frames.close_text)
    message = await connection.response(patience_s)
    head = head_of(message)
    await connection.until(lambda: False, patience_s)
    return msgspec.structs.replace(
        answer,
        after=_open_or_not(connection),
        body=first_line(connection.body(message)),
        then=None if head is None else head.status_code,
    )


class _Frames:
    """The bytes after a 101, until they show the state of the connection."""

    def __init__(self, connection: RawConnection) -> None:
        self.after: After | None = None
        self.close_text = ""
        self._connection = connection
        self._frames = Frames(ConnectionType.CLIENT)
        connection.send(self._frames.send(Ping(b"?")))

    def settled(self) -> bool:
        """Read what has arrived; return whether it shows the connection open or closed."""
        if self._connection.unread.startswith(HTTP):
            return True
        if data := self._connection.take():
            self._frames.receive_data(data)
            self._read()
        return self.after is not None

    def _read(self) -> None:
        for event in self._frames.events():
            if isinstance(event, CloseConnection):
                self.after = After.CLOSED
                self.close_text = f"close frame {event.code} {event.reason or ''}".strip()
            elif isinstance(event, Pong) and self.after is None:
                self.after = After.KEPT
