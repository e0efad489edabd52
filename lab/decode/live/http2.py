"""Read a connection of HTTP/2 as it comes: frame after frame, and what each stream carries.

A frame is read when it is whole. What belongs to a message is owned by the node of that message;
any other frame, such as SETTINGS or WINDOW_UPDATE, is a node by itself. Frames of one direction
need nothing from the other, but what they carry may: an answer waits for its request.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import h11
from msgspec import structs

from lab.decode.chat_json import printable
from lab.decode.http2.fields import BLOCK_BYTES_MAX, HeaderBlocks, head_of
from lab.decode.http2.frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEAD_BYTES,
    HEADERS,
    PREFACE,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    Frame,
    acknowledges,
    content_of,
    frame_of,
    summary_of,
)
from lab.decode.live.carried import Carried
from lab.decode.live.directions import FoundNode, Sides
from lab.decode.live.exchange import Exchange
from lab.decode.live.window import Window
from lab.decode.tree import (
    Direction,
    Http2Frame,
    HttpRequest,
    HttpResponse,
    Incomplete,
    Label,
    Node,
    Segment,
    Undecodable,
    shifted,
    walk,
)

OF_STREAMS = (DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION)
"""Types of frames that belong to a stream (RFC 9113 section 6)."""
STREAMS_MAX = 1000
"""The most streams that are open at once; servers admit 100 or so."""
UNFINISHED = "the tap ended inside it"
RESET = "the stream was reset (RFC 9113 section 6.4)"
CUT = "the tap ended inside a frame"
CLOSED = "the stream has ended, or was never opened (RFC 9113 section 5.1)"
NO_HEAD = "the header fields of this stream could not be read"
PUSHED = "a pushed stream is not read here (RFC 9113 section 8.4)"
NOT_CONTINUED = "a header block is not continued (RFC 9113 section 6.10)"
NO_STREAM = "a frame of a stream has no stream (RFC 9113 section 6)"
LONG_BLOCK = f"a header block is longer than {BLOCK_BYTES_MAX} bytes"
MANY_STREAMS = f"more than {STREAMS_MAX} streams are open"
UNKNOWN = "this type of frame is not known here"


class Block(NamedTuple):
    """A header block that is being read: its first frame, and the fragments so far."""

    first: Frame
    fragments: bytes


class Stream:
    """What a stream carries, and what carried that."""

    def __init__(self, exchange: Exchange, windows: dict[Direction, Window]) -> None:
        self.exchange = exchange
        self.carried: dict[Direction, Carried] = {
            direction: Carried(window) for direction, window in windows.items()
        }
        self.begun: dict[Direction, bool] = {"up": False, "down": False}
        """Whether the head of the message has come, of the final one."""
        self.reset = False

    def is_over(self) -> bool:
        """Whether nothing more comes in either direction."""
        return all(window.ended for window in self.exchange.windows.values())


class Http2(Sides):
    """One connection, from the preface on."""

    def __init__(self, connection: int, windows: dict[Direction, Window]) -> None:
        super().__init__(connection, partial(self._frames, "up"), partial(self._frames, "down"))
        self.windows = windows
        self._next: dict[Direction, int] = {way: window.base for way, window in windows.items()}
        """Where the next frame begins."""
        self._over: dict[Direction, str] = {}
        """Directions of which nothing more is read, and why."""
        self._fields: dict[Direction, HeaderBlocks] = {"up": HeaderBlocks(), "down": HeaderBlocks()}
        self._block: dict[Direction, Block | None] = {"up": None, "down": None}
        self._streams: dict[int, Stream] = {}
        self._newest = 0
        """The newest stream of the client."""
        self._preface()

    def _preface(self) -> None:
        start = self._next["up"]
        self._next["up"] = end = start + len(PREFACE)
        self._say("up", self._alone("up", start, end, "preface", "HTTP/2 connection preface"))

    # Frames.

    def _frames(self, direction: Direction) -> bool:
        read = False
        while direction not in self._over and (frame := self._whole_frame(direction)) is not None:
            self._next[direction] = frame.end
            read = True
            try:
                self._read_frame(direction, frame, self._bytes(direction, frame.body, frame.end))
            except _BrokenError as error:
                self._next[direction] = frame.start
                self.lose(direction, str(error))
        if self.windows[direction].ended and direction not in self._over:
            self._end(direction)
            read = True
        self._forget(direction)
        return read

    def _whole_frame(self, direction: Direction) -> Frame | None:
        at = self._next[direction]
        head = self._bytes(direction, at, at + HEAD_BYTES)
        if len(head) < HEAD_BYTES:
            return None
        frame, window = frame_of(head, at), self.windows[direction]
        return frame if frame.end <= window.base + len(window.data) else None

    def _bytes(self, direction: Direction, start: int, end: int) -> bytes:
        window = self.windows[direction]
        return bytes(window.data[start - window.base : end - window.base])

    def _read_frame(self, direction: Direction, frame: Frame, payload: bytes) -> None:
        block = self._block[direction]
        continues = frame.kind == CONTINUATION
        if (block is not None) != continues or (block and block.first.stream != frame.stream):
            raise _BrokenError(NOT_CONTINUED)
        if frame.kind in OF_STREAMS and not frame.stream:
            raise _BrokenError(NO_STREAM)
        if frame.kind in (HEADERS, PUSH_PROMISE, CONTINUATION):
            self._fragment(direction, frame, payload, block)
        elif frame.kind == DATA:
            self._data(direction, frame, payload)
        else:
            self._control(direction, frame, payload)

    def _control(self, direction: Direction, frame: Frame, payload: bytes) -> None:
        try:
            summary = summary_of(frame, payload)
        except ValueError as error:
            self._say(direction, self._unread(direction, frame, str(error)))
            return
        if frame.kind > CONTINUATION:
            self._say(direction, self._unread(direction, frame, UNKNOWN))
            return
        exchange = _number(frame.stream)
        node = self._alone(direction, frame.start, frame.end, frame.name, summary, exchange)
        self._say(direction, structs.replace(node, ack=acknowledges(frame)))
        if frame.kind == RST_STREAM and (stream := self._stream(direction, frame.stream)):
            stream.reset = True
            stream.exchange.end(direction, RESET)
            self._advance(frame.stream, stream)

    # Messages.

    def _fragment(
        self, direction: Direction, frame: Frame, payload: bytes, block: Block | None
    ) -> None:
        start, end = _content(frame, payload)
        first, before = block or Block(frame, b"")
        if len(before) + end - start > BLOCK_BYTES_MAX:
            raise _BrokenError(LONG_BLOCK)
        block = Block(first, before + payload[start:end])
        if not frame.flags & END_HEADERS:
            self._block[direction] = block
            return
        self._block[direction] = None
        whole = first._replace(end=frame.end)
        reason = self._headers(direction, whole, block.fragments)
        if reason:
            self._say(direction, self._unread(direction, whole, reason, "http"))

    def _headers(self, direction: Direction, frame: Frame, block: bytes) -> str:
        """Read a header block; returns why it can't be read, or is not."""
        try:
            fields = self._fields[direction].read(block)
        except ValueError as error:
            self._head_lost(direction, frame)
            return str(error)
        if frame.kind == PUSH_PROMISE or frame.stream % 2 == 0:
            return PUSHED
        stream = self._stream(direction, frame.stream)
        if stream is None or stream.exchange.windows[direction].ended:
            return CLOSED
        begins = not stream.begun[direction]
        try:
            head = head_of(fields, request=direction == "up") if begins else None
        except ValueError as error:
            self._head_lost(direction, frame)
            return str(error)
        carried = stream.carried[direction]
        carried.wrap(frame.start, frame.end, frame.name, label="http", begins=begins)
        if head is not None:
            stream.exchange.heads[direction].append(head)
            stream.begun[direction] = not isinstance(head, h11.InformationalResponse)
        self._maybe_ends(direction, frame, stream)
        return ""

    def _head_lost(self, direction: Direction, frame: Frame) -> None:
        """What the stream carries in this direction can't be read."""
        stream = self._stream(direction, frame.stream)
        if stream is not None:
            stream.exchange.end(direction, NO_HEAD)
            self._advance(frame.stream, stream)

    def _data(self, direction: Direction, frame: Frame, payload: bytes) -> None:
        start, end = _content(frame, payload)
        stream = self._stream(direction, frame.stream)
        if stream is None or stream.exchange.windows[direction].ended:
            reason = CLOSED if frame.stream % 2 else PUSHED
            self._say(direction, self._unread(direction, frame, reason))
            return
        if not stream.begun[direction]:
            self._say(direction, self._unread(direction, frame, NO_HEAD))
            return
        carried, body = stream.carried[direction], frame.body
        carried.wrap(frame.start, body + start, frame.name, label="framing")
        carried.content(body + start, body + end)
        carried.wrap(body + end, frame.end, f"padding of {frame.name}", label="framing")
        stream.exchange.windows[direction].add(0, payload[start:end])
        self._maybe_ends(direction, frame, stream)

    def _maybe_ends(self, direction: Direction, frame: Frame, stream: Stream) -> None:
        if frame.flags & END_STREAM:
            stream.exchange.end(direction)
        self._advance(frame.stream, stream)

    # Streams.

    def _stream(self, direction: Direction, number: int) -> Stream | None:
        """The stream of the client with this number; None of one that has ended."""
        if number % 2 == 0:
            return None
        if number not in self._streams and number > self._newest:
            self._open(number)
        if direction == "up":
            self._newest = max(self._newest, number)
        return self._streams.get(number)

    def _open(self, number: int) -> None:
        if len(self._streams) >= STREAMS_MAX:
            self._drop_reset()
        stream = Stream(Exchange(self.number, _number(number)), self.windows)
        for direction, reason in self._over.items():
            stream.exchange.end(direction, reason)
        self._streams[number] = stream

    def _drop_reset(self) -> None:
        """Of a stream that was reset, nothing more is expected from the other side."""
        for number, stream in list(self._streams.items()):
            if stream.reset:
                for direction in self.windows:
                    stream.exchange.end(direction, RESET)
                self._advance(number, stream)
        if len(self._streams) >= STREAMS_MAX:
            raise _BrokenError(MANY_STREAMS)

    def _advance(self, number: int, stream: Stream) -> None:
        """Report what has become whole in a stream."""
        nodes = [shifted(found.node, found.base) for found in stream.exchange.read()]
        last = {node.direction: node for node in nodes}
        for node in nodes:
            direction = node.direction
            heads = isinstance(node, HttpRequest | HttpResponse)
            whole = direction in stream.exchange.whole and node is last[direction]
            placed = stream.carried[direction].place(node, heads=heads, whole=whole)
            self._say(direction, placed)
        for direction, window in stream.exchange.windows.items():
            stream.carried[direction].forget(window.base)
            if window.ended and not window.data and not stream.exchange.heads[direction]:
                self._say_left(direction, stream)
        if stream.is_over():
            del self._streams[number]

    def _say_left(self, direction: Direction, stream: Stream) -> None:
        for each in stream.carried[direction].left():
            summary = f"{each.name} of stream {2 * stream.exchange.exchange + 1}, no content"
            exchange = stream.exchange.exchange
            where = (direction, each.start, each.end)
            self._say(direction, self._alone(*where, each.name, summary, exchange, each.label))

    # The ends.

    def _end(self, direction: Direction) -> None:
        window = self.windows[direction]
        self._stop(direction, UNFINISHED)
        start, end = self._begun(direction), window.base + len(window.data)
        self._next[direction], self._block[direction] = end, None
        if start < end:
            self._say(direction, self._rest(direction, start, end, CUT, Incomplete))

    def lose(self, direction: Direction, reason: str) -> None:
        """See `Sides`."""
        self.unread.add(direction)
        self._stop(direction, reason)
        self._next[direction], self._block[direction] = self._begun(direction), None
        self.steps[direction] = partial(self._unread_rest, direction, reason)
        self.steps[direction]()

    def _begun(self, direction: Direction) -> int:
        """Where what has not been read begins: a frame, or the header block that it continues."""
        block = self._block[direction]
        return self._next[direction] if block is None else block.first.start

    def _stop(self, direction: Direction, reason: str) -> None:
        """No frame of this direction is read any more."""
        self._over[direction] = reason
        for number, stream in list(self._streams.items()):
            stream.exchange.end(direction, reason)
            self._advance(number, stream)

    def _unread_rest(self, direction: Direction, reason: str) -> bool:
        window, start = self.windows[direction], self._next[direction]
        self._next[direction] = end = window.base + len(window.data)
        if start < end:
            self._say(direction, self._rest(direction, start, end, reason, Undecodable))
        self._forget(direction)
        return False

    def _forget(self, direction: Direction) -> None:
        """Drop what has been read, but for what a stream has not placed yet."""
        pending = (stream.carried[direction].pending for stream in self._streams.values())
        first = min((at for at in pending if at is not None), default=self._begun(direction))
        window = self.windows[direction]
        window.drop(min(first, self._begun(direction)) - window.base)

    # Nodes.

    def _say(self, direction: Direction, node: Node) -> None:
        """Report a node, with the bytes that it is in."""
        every = list(walk([node]))
        start, end = min(each.start for each in every), max(each.end for each in every)
        data = self._bytes(direction, start, end) if start < end else b""
        self._found.append(FoundNode(self.number, shifted(node, -start), start, data))

    def _where(self, direction: Direction, start: int, end: int) -> _Where:
        at_ns: Callable[[int], int] = self.windows[direction].at_ns
        return _Where(direction, start, end, at_ns(start), at_ns(end - 1))

    def _alone(
        self,
        direction: Direction,
        start: int,
        end: int,
        name: str,
        summary: str,
        exchange: int = 0,
        label: Label = "framing",
    ) -> Node:
        return Http2Frame(
            **self._where(direction, start, end)._asdict(),
            exchange=exchange,
            name=name,
            summary=summary,
            segments=(Segment(start, end, label, "http"),),
        )

    def _unread(
        self, direction: Direction, frame: Frame, reason: str, label: Label = "framing"
    ) -> Node:
        """A frame whose payload can't be read."""
        where = self._where(direction, frame.start, frame.end)._asdict()
        inside = self._rest(direction, frame.body, frame.end, reason, Undecodable)
        return Http2Frame(
            **where,
            exchange=_number(frame.stream),
            name=frame.name,
            summary=f"{frame.title}, not decoded",
            segments=(Segment(frame.start, frame.body, label, "http"),),
            children=(inside,) if frame.body < frame.end else (),
        )

    def _rest(
        self,
        direction: Direction,
        start: int,
        end: int,
        reason: str,
        kind: type[Undecodable | Incomplete],
    ) -> Node:
        return kind(
            **self._where(direction, start, max(end, start + 1))._asdict() | {"end": end},
            reason=reason,
            summary=printable(f"{kind.__name__.lower()}: {reason}"),
            segments=(Segment(start, end, "undecodable", "unknown"),),
        )


class _Where(NamedTuple):
    direction: Direction
    start: int
    end: int
    first_ns: int
    last_ns: int


class _BrokenError(ValueError):
    """No further frame of this direction can be read."""


def _content(frame: Frame, payload: bytes) -> tuple[int, int]:
    try:
        return content_of(frame, payload)
    except ValueError as error:
        raise _BrokenError(str(error)) from error


def _number(stream: int) -> int:
    """The number of an exchange: that of the stream among the client's (RFC 9113 section 5.1.1)."""
    return max(stream - 1, 0) // 2
