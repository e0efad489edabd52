"""Among the handshakes: says one to a server, and finds out what became of the connection.

Kept or closed is not read off a header. It is asked: after a response by the right opening on the
same connection, after a 101 by a ping, which is to be answered by a pong (RFC 6455 section 5.5.2).
"""

from __future__ import annotations

import msgspec
from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, Ping, Pong

from lab.handshakes.answer import After, Answer, first_line
from lab.handshakes.line import Line, dial, head_of
from lab.handshakes.request import Request
from lab.load.tapped import Tape
from lab.wire.http1 import Message

HTTP = b"H"
"""How an HTTP response begins, and no frame: it would be half a close frame, compressed."""


class Exchange(msgspec.Struct, frozen=True):
    """What a server said to an opening, and every byte of the connection."""

    answer: Answer
    tape: Tape


async def ask(
    host: str, port: int, request: Request, again: Request, patience_s: float
) -> Exchange:
    """Say `request` to a server on a connection of its own, and then `again`, which is right.

    Raises OSError where nobody listens.
    """
    async with dial(host, port) as line:
        line.send(request.encode())
        message = await line.response(patience_s)
        if message.broken:
            await line.until(lambda: False, patience_s)
        answer = _answer(line, message)
        if answer.status == 101:
            answer = await _upgraded(line, answer, patience_s)
        elif message.complete and not line.ended:
            line.send(again.encode())
            second = await line.response(patience_s)
            after = _open_or_not(line) if second.head is None else After.KEPT
            answer = msgspec.structs.replace(answer, after=after)
        return Exchange(answer, line.tape())


def _answer(line: Line, message: Message) -> Answer:
    """What has come, before anything else is asked."""
    head = head_of(message)
    if head is None:
        return Answer(None, _open_or_not(line), body=first_line(line.unread))
    versions = [value for name, value in head.headers if name == b"sec-websocket-version"]
    return Answer(
        status=head.status_code,
        after=_open_or_not(line),
        reason=bytes(head.reason).decode(errors="replace"),
        body=first_line(line.body(message)),
        version=bytes(versions[0]).decode() if versions else None,
    )


def _open_or_not(line: Line) -> After:
    return After.CLOSED if line.ended else After.DEAF


async def _upgraded(line: Line, answer: Answer, patience_s: float) -> Answer:
    """What a ping meets, where frames are to follow."""
    frames = _Frames(line)
    await line.until(frames.told, patience_s)
    if not line.unread.startswith(HTTP):
        after = frames.after or _open_or_not(line)
        return msgspec.structs.replace(answer, after=after, body=frames.goodbye)
    message = await line.response(patience_s)
    head = head_of(message)
    await line.until(lambda: False, patience_s)
    return msgspec.structs.replace(
        answer,
        after=_open_or_not(line),
        body=first_line(line.body(message)),
        then=None if head is None else head.status_code,
    )


class _Frames:
    """What comes after a 101, until it tells of the connection."""

    def __init__(self, line: Line) -> None:
        self.after: After | None = None
        self.goodbye = ""
        self._line = line
        self._frames = Frames(ConnectionType.CLIENT)
        line.send(self._frames.send(Ping(b"?")))

    def told(self) -> bool:
        """Read what has come; whether it says that the line is open, or that it is not."""
        if self._line.unread.startswith(HTTP):
            return True
        if data := self._line.take():
            self._frames.receive_data(data)
            self._read()
        return self.after is not None

    def _read(self) -> None:
        for event in self._frames.events():
            if isinstance(event, CloseConnection):
                self.after = After.CLOSED
                self.goodbye = f"close frame {event.code} {event.reason or ''}".strip()
            elif isinstance(event, Pong) and self.after is None:
                self.after = After.KEPT
