"""Read a response that stays open and is compressed, as its bytes come.

A server flushes zlib after each write, and what it sends then ends with a marker, an empty block
(RFC 1951 section 3.2.4). Of the bytes before it none belongs to one write. So a part is what came
up to a marker behind which the text is between two writes.
"""

from __future__ import annotations

__pure__ = True

import re

from lab.decode.chat_json import undecodable
from lab.decode.fallbacks.streams import Format, Write, beginning_of, writes
from lab.decode.frames import compressed_content
from lab.decode.http1 import Message
from lab.decode.inflate import INFLATED_BYTES_MAX, TAIL, Inflater, inflater_for
from lab.decode.tree import Incomplete, Node, Segment, StreamPart
from lab.decode.view import Content, Span, Stream, View

BROKEN = "the text in it is no write of the format that the response has"
ENDING_BYTES_MAX = 16
"""The end of a write is no longer than that."""
_marker = re.compile(re.escape(TAIL))


class PressedWrites:
    """The writes of one response. It remembers zlib's window from one call to the next."""

    def __init__(self, exchange: int, form: Format, coding: str) -> None:
        self._exchange = exchange
        self._form = form
        self._coding = coding
        self._inflater: Inflater = inflater_for(coding)
        self._text = b""
        """The text of which no part has been made."""
        self._before = b""
        """The last bytes that were read: a marker may begin in them."""
        self._begun = False
        """Whether what stands before the first write is over."""
        self._read_bytes = 0
        """How much of the body that no part has yet was decompressed."""
        self._broken = ""

    def parts(self, stream: Stream, message: Message, *, more: bool) -> list[Node]:
        """What has come whole. `message` begins at `body`, where the last part ended.

        Without `more`, all of it, and then how the response ended.
        """
        found: list[Node] = []
        start, spans, known = message.body, list[Span](), self._read_bytes
        for first, last in message.spans:
            at = min(last, first + known)
            known -= at - first
            spans.append((first, at))
            for cut in self._cuts(stream.data[at:last], at):
                spans[-1] = (spans[-1][0], cut)
                self._read(stream.data[at:cut])
                at = cut
                if self._marked() and (whole := self._whole()) is not None:
                    found.append(self._part(stream, message, start, spans, whole))
                    start, spans, self._read_bytes = cut, [(cut, cut)], 0
        if more:
            return found
        if message.complete and not self._broken and (rest := self._whole()):
            # A server that flushes nothing: all writes come with the end of zlib's stream.
            found.append(self._part(stream, message, start, spans, rest))
            start = spans[-1][1]
            spans = [(start, start)]
        return found + self._end(stream, message, start, spans)

    def _cuts(self, data: bytes, at: int) -> list[int]:
        """Where to stop and look in what is new, which begins at `at`: behind each marker."""
        ahead = len(self._before)
        ends = [match.end() - ahead for match in _marker.finditer(self._before + data)]
        ends = [end for end in ends if 0 < end < len(data)]
        return [at + end for end in (*ends, len(data)) if end]

    def _read(self, data: bytes) -> None:
        self._read_bytes += len(data)
        self._before = (self._before + data)[-len(TAIL) :]
        if self._broken:
            return
        try:
            self._text += self._inflater.read(data)
            if len(self._text) > INFLATED_BYTES_MAX:
                raise ValueError(f"compressed data grows beyond {INFLATED_BYTES_MAX} bytes")
        except ValueError as error:
            self._broken = str(error)

    def _marked(self) -> bool:
        """Whether a flush ends here."""
        return self._before == TAIL and not self._broken

    def _whole(self) -> list[Write] | None:
        """The writes of the text, if it ends where one does."""
        if not self._form.ending.search(self._text, max(0, len(self._text) - ENDING_BYTES_MAX)):
            return None
        view = _view_of(self._text)
        start = 0 if self._begun else beginning_of(view, self._form).end
        found = list(writes(view, self._form, start))
        end = found[-1].end if found else start
        if end == len(self._text):
            return found
        self._broken = BROKEN
        return None

    def _part(
        self, stream: Stream, message: Message, start: int, spans: list[Span], found: list[Write]
    ) -> Node:
        view = View(stream, _carrying(spans), self._text, exact=False)
        at = found[0].start if found else len(self._text)
        children = tuple(
            child for write in writes(view, self._form, at) for child in write.content.children
        )
        self._begun = self._begun or bool(found)
        size, self._text = len(self._text), b""
        carried = sum(last - first for first, last in view.spans)
        return StreamPart(
            **view.place(0, size),
            exchange=self._exchange,
            text_bytes=size,
            summary=f"{self._form.name}, {carried} B, {self._coding} of {size} B",
            segments=(
                *_framing(message, start, spans[-1][1]),
                *compressed_content(view, Content((), children)).segments,
            ),
            children=children,
        )

    def _end(self, stream: Stream, message: Message, start: int, spans: list[Span]) -> list[Node]:
        """What no part has: the end of zlib's stream, or what can't be read; and HTTP's framing."""
        view = View(stream, _carrying(spans) or ((start, start),), self._text, exact=False)
        segments = _framing(message, start, message.end)
        reason = self._broken or (BROKEN if self._text and message.complete else "")
        children: tuple[Node, ...] = ()
        if reason:
            children = (undecodable(view, 0, len(self._text), reason),)
        if message.problem:
            where = stream.place(message.end, message.end)
            note = f"incomplete: {message.problem}"
            children += (Incomplete(**where, reason=message.problem, summary=note),)
        unread = bool(reason or self._text)
        owned = view.own_all(
            "undecodable" if unread else "framing", "unknown" if unread else "http"
        )
        if not (segments or owned or children):
            return []
        return [
            StreamPart(
                **stream.place(start, message.end),
                exchange=self._exchange,
                summary="end of the stream",
                segments=(*segments, *owned),
                children=children,
            )
        ]


def _carrying(spans: list[Span]) -> tuple[Span, ...]:
    """The spans that have bytes."""
    return tuple(span for span in spans if span[0] < span[1])


def _view_of(text: bytes) -> View:
    """A view of text that is only searched, and has no place."""
    return View(Stream("down", [(0, text)], closed=False), ((0, len(text)),), text)


def _framing(message: Message, start: int, end: int) -> list[Segment]:
    """HTTP's framing from `start` to `end`."""
    return [Segment(*gap, "framing", "http") for _, gap in message.gaps if start <= gap[0] < end]
