"""Put what was found in the content of a stream where the frames of HTTP/2 carried it.

A message owns the heads of the DATA frames whose content it has the first byte of, and the padding
before it. So each byte has one owner, however the content is cut into frames.
"""

from __future__ import annotations

__pure__ = True

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import structs

from lab.decode.live.window import Window
from lab.decode.tree import Frame, Label, Node, Segment


class Around(NamedTuple):
    """Bytes `start` to `end` of the connection that carry no content.

    They stand before byte `before` of the content. `begins`: a message begins in them.
    """

    before: int
    start: int
    end: int
    label: Label
    name: str
    begins: bool = False


class Piece(NamedTuple):
    """Content from byte `offset` on, which is at `start` to `end` of the connection."""

    offset: int
    start: int
    end: int


class Carried:
    """One direction of one stream: what carried the content that is not placed yet."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._around: deque[Around] = deque()
        self._pieces: list[Piece] = []
        self._length = 0
        self._last = (0, 0)
        """Where the last frame of this stream ends, and when that came."""

    @property
    def pending(self) -> int | None:
        """Where in the connection what is not placed yet begins; None where nothing is left."""
        starts = [each[0].start for each in (self._around, self._pieces) if each]
        return min(starts, default=None)

    def wrap(self, start: int, end: int, name: str, *, label: Label, begins: bool = False) -> None:
        """These bytes carry no content."""
        if start < end:
            self._around.append(Around(self._length, start, end, label, name, begins))
            self._last = (end, self._window.at_ns(end - 1))

    def content(self, start: int, end: int) -> None:
        """These bytes are content."""
        if start < end:
            self._pieces.append(Piece(self._length, start, end))
            self._length += end - start
            self._last = (end, self._window.at_ns(end - 1))

    def place(self, node: Node, *, heads: bool, whole: bool) -> Node:
        """A node of the content, with what is around its bytes.

        `heads`: a message begins in it. `whole`: nothing follows it.
        """
        first = self._take_head() if heads else []
        around = list(self._take(node.end, whole=whole))
        placed = self._placed(node, empty=node.start == node.end)
        own = [self._segment(each) for each in (*first, *around)]
        starts = [each.start for each in own] + [placed.start] * (node.start < node.end)
        ends = [each.end for each in own] + [placed.end] * (node.start < node.end)
        if not own:
            return placed
        segments = (*own[: len(first)], *placed.segments, *own[len(first) :])
        where = self._where(min(starts), max(ends))
        return structs.replace(placed, **where, segments=segments)

    def left(self) -> Iterator[Around]:
        """What is around no node, once the direction has ended."""
        while self._around and not self._pieces:
            yield self._around.popleft()

    def forget(self, until: int) -> None:
        """The content has been placed up to there."""
        gone = 0
        for piece in self._pieces:
            if piece.offset + piece.end - piece.start > until:
                break
            gone += 1
        del self._pieces[:gone]

    def _take_head(self) -> list[Around]:
        """The header block of the message that begins next."""
        found = next(each for each in self._around if each.begins)
        self._around.remove(found)
        return [found]

    def _take(self, until: int, *, whole: bool) -> Iterator[Around]:
        while self._around and (whole or self._around[0].before < until):
            yield self._around.popleft()

    def _segment(self, around: Around) -> Segment:
        return Segment(around.start, around.end, around.label, "http")

    def _placed(self, node: Node, *, empty: bool) -> Node:
        """The same node there. `empty`: it is in a message that has no content left."""
        pieces = list(self._on_the_wire(node.start, node.end))
        before = self._last if empty or pieces else self._before(node.start)
        where = self._where(pieces[0][0], pieces[-1][1]) if pieces else _point(*before)
        changes: dict[str, Any] = {
            **where,
            "segments": tuple(
                Segment(*span, each.label, each.layer)
                for each in node.segments
                for span in self._on_the_wire(each.start, each.end)
            ),
            "children": tuple(self._placed(child, empty=empty) for child in node.children),
        }
        if isinstance(node, Frame):
            changes["payload"] = tuple(
                span for each in node.payload for span in self._on_the_wire(*each)
            )
        return structs.replace(node, **changes)

    def _where(self, start: int, end: int) -> dict[str, int]:
        return {
            "start": start,
            "end": end,
            "first_ns": self._window.at_ns(start),
            "last_ns": self._window.at_ns(end - 1),
        }

    def _on_the_wire(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the content from `start` to `end` is in the connection."""
        index = max(0, bisect_right(self._pieces, start, key=attrgetter("offset")) - 1)
        while index < len(self._pieces) and self._pieces[index].offset < end:
            piece = self._pieces[index]
            by = piece.start - piece.offset
            first, last = max(start + by, piece.start), min(end + by, piece.end)
            if first < last:
                yield first, last
            index += 1

    def _before(self, offset: int) -> tuple[int, int]:
        """Where the content before `offset` ends, and when that came."""
        (_, end), *_ = self._on_the_wire(offset - 1, offset)
        return end, self._window.at_ns(end - 1)


def _point(at: int, at_ns: int) -> dict[str, int]:
    """Where something without a byte is."""
    return {"start": at, "end": at, "first_ns": at_ns, "last_ns": at_ns}
