"""Split a response that stays open into its head and one node for each write.

Writes come while the response is still under way; each is sent, and waited for, by itself. HTTP's
own framing before the first byte of a write (RFC 9112 section 7.1) is part of that write.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from lab.decode.chat_json import printable
from lab.decode.fallbacks.streams import Format, Write, beginning_of, writes
from lab.decode.http1 import Message
from lab.decode.tree import Incomplete, Node, Segment, StreamPart, Undecodable
from lab.decode.view import Content, Stream, View

BROKEN = "this is no write of the format that the response has"
UNFINISHED = "the tap ended inside a write"


@dataclass(frozen=True)
class Streamed:
    """`head` ends where the first write begins; `content` is all that stands before that."""

    head: Message
    content: Content
    parts: list[Node]


def split(stream: Stream, message: Message, exchange: int, form: Format) -> Streamed:
    """Take a response apart into its writes."""
    splitter = Splitter(stream, message, exchange, form)
    head, content = splitter.head()
    parts = splitter.parts()
    return Streamed(head, content, [*parts, *splitter.rest()])


class Splitter:
    """Takes a response apart, or a piece of one that begins where a write does.

    Of a piece the message begins at `message.body`, there being no head.
    """

    def __init__(self, stream: Stream, message: Message, exchange: int, form: Format) -> None:
        text = b"".join(stream.data[start:end] for start, end in message.spans)
        self._view = View(stream, tuple(message.spans), text)
        self._message = message
        self._exchange = exchange
        self._form = form
        self._gaps = [Segment(*gap, "framing", "http") for _, gap in message.gaps]
        self._offsets = [offset for offset, _ in message.gaps]
        self._at = 0

    @property
    def left(self) -> bytes:
        """The text that has not been taken yet."""
        return self._view.text[self._at :]

    def head(self) -> tuple[Message, Content]:
        """The response until its first write begins."""
        beginning = beginning_of(self._view, self._form)
        self._at = beginning.end
        head = Segment(self._message.start, self._message.body, "http", "http")
        framing = self._framing(0, beginning.end)
        content = Content((head, *framing, *beginning.content.segments))
        end = max(segment.end for segment in content.segments)
        return replace(self._message, end=end, spans=[], problem=""), content

    def parts(self, more: bool = False) -> list[Node]:
        """The writes that came whole; `more` text may follow."""
        found = list(writes(self._view, self._form, self._at, more))
        self._at = found[-1].end if found else self._at
        return [self._part(write) for write in found]

    def rest(self) -> list[Node]:
        """What is left at the end of the response, or of what there was of it."""
        return [*self._left(self._at), *self._end()]

    def _framing(self, start: int, end: int) -> tuple[Segment, ...]:
        """HTTP's framing that stands before the text from `start` to `end`."""
        first, after = bisect_left(self._offsets, start), bisect_left(self._offsets, end)
        return tuple(self._gaps[first:after])

    def _part(self, write: Write) -> Node:
        return StreamPart(
            **self._view.place(write.start, write.end),
            exchange=self._exchange,
            summary=f"{self._form.name}, {write.end - write.start} B",
            segments=(*self._framing(write.start, write.end), *write.content.segments),
            children=write.content.children,
        )

    def _left(self, start: int) -> list[Node]:
        """The text after the last whole write."""
        end = len(self._view.text)
        if start == end:
            return []
        kind = Incomplete if self._message.problem else Undecodable
        reason = UNFINISHED if self._message.problem else BROKEN
        owned = self._view.own(start, end, "undecodable", "unknown")
        return [
            kind(
                **self._view.place(start, end),
                reason=reason,
                summary=f"{kind.__name__.lower()}: {reason}",
                segments=(*self._framing(start, end), *owned),
            )
        ]

    def _end(self) -> list[Node]:
        """HTTP's framing after all text, and whether the response came to its own end."""
        end, problem = len(self._view.text), self._message.problem
        segments = self._framing(end, end + 1)
        if not segments and not problem:
            return []
        start = min((segment.start for segment in segments), default=self._message.end)
        where = self._view.stream.place(start, self._message.end)
        note = Incomplete(
            **self._view.stream.place(self._message.end, self._message.end),
            reason=problem,
            summary=printable(f"incomplete: {problem}"),
        )
        return [
            StreamPart(
                **where,
                exchange=self._exchange,
                summary="end of the stream",
                segments=segments,
                children=(note,) if problem else (),
            )
        ]
