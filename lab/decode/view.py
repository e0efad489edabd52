"""Find the bytes on the wire that carried a piece of text.

A body may come in chunks, masked, in fragments or compressed. Its packets are found in the text;
their offsets, times and segments are those of the bytes that carried it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from lab.decode.tree import Direction, Label, Layer, Node, Segment

Span = tuple[int, int]


class Stream:
    """One direction of a connection: its bytes, and when each came.

    `closed`: the sender ended it, so no more can come.
    """

    def __init__(
        self, direction: Direction, chunks: Sequence[tuple[int, bytes]], closed: bool
    ) -> None:
        full = [(at_ns, data) for at_ns, data in chunks if data]
        self.direction = direction
        self.closed = closed
        self.data = b"".join(data for _, data in full)
        self._times = [at_ns for at_ns, _ in full]
        self._starts = list(accumulate((len(data) for _, data in full), initial=0))[:-1]

    def at_ns(self, offset: int) -> int:
        """When the byte at `offset` came; past the end, the last one; 0 if none ever did."""
        index = max(0, bisect_right(self._starts, offset) - 1)
        return self._times[index] if self._times else 0

    def place(self, start: int, end: int) -> dict[str, Any]:
        """The fields that say where and when a node is."""
        return {
            "direction": self.direction,
            "start": start,
            "end": end,
            "first_ns": self.at_ns(start),
            "last_ns": self.at_ns(max(start, end - 1)),
        }


class Content(NamedTuple):
    """What a carrier's text turned out to be: segments the carrier owns, and nodes inside.

    `text_bytes`: the size of the text, where it came compressed.
    """

    segments: tuple[Segment, ...] = ()
    children: tuple[Node, ...] = ()
    text_bytes: int | None = None


@dataclass(frozen=True)
class View:
    """Text that `spans` of a stream carry. `exact`: its byte n is byte n of the spans."""

    stream: Stream
    spans: tuple[Span, ...]
    text: bytes
    exact: bool = True

    def place(self, start: int, end: int) -> dict[str, Any]:
        """The fields that say where on the wire the text from `start` to `end` is."""
        if not self.exact:
            return {**self.stream.place(self.spans[0][0], self.spans[-1][1]), "whole": True}
        pieces = self._pieces(start, end)
        return self.stream.place(pieces[0][0], pieces[-1][1])

    def own(self, start: int, end: int, label: Label, layer: Layer) -> tuple[Segment, ...]:
        """Claim the text from `start` to `end`; compressed text has no bytes of its own."""
        if not self.exact or start == end:
            return ()
        return tuple(Segment(*piece, label, layer) for piece in self._pieces(start, end))

    def own_all(self, label: Label, layer: Layer) -> tuple[Segment, ...]:
        """Claim all bytes on the wire, whatever the text is."""
        return tuple(Segment(*span, label, layer) for span in self.spans if span[0] < span[1])

    @cached_property
    def _offsets(self) -> list[int]:
        """Where in the text each span begins."""
        return list(accumulate((end - start for start, end in self.spans), initial=0))[:-1]

    def _pieces(self, start: int, end: int) -> list[Span]:
        pieces: list[Span] = []
        for index in range(bisect_right(self._offsets, start) - 1, len(self.spans)):
            (first, last), before = self.spans[index], self._offsets[index]
            if before >= end:
                break
            piece = max(first, first + start - before), min(last, first + end - before)
            pieces += [piece] if piece[0] < piece[1] else []
        return pieces or [self._point(start)]

    def _point(self, offset: int) -> Span:
        """Where an empty text is: it has no bytes, but it has a place."""
        index = bisect_right(self._offsets, offset) - 1
        at = self.spans[index][0] + offset - self._offsets[index]
        return at, at
