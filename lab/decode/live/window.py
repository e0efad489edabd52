"""The bytes of one direction that the live decoder has not read yet."""

from __future__ import annotations

__pure__ = True

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise
from operator import itemgetter
from typing import Protocol

from lab.decode.http1 import BLOCK_BYTES, Message
from lab.decode.tree import Direction
from lab.decode.view import Stream


class Window:
    """The bytes of one direction from `base` on. `ended`: no more can come."""

    def __init__(self, direction: Direction) -> None:
        self.direction: Direction = direction
        self.data = bytearray()
        self.base = 0
        self.ended = False
        self._marks: deque[tuple[int, int]] = deque()
        """Where in the stream each chunk began, and when it came."""

    @property
    def over(self) -> bool:
        """Whether there is nothing left, and nothing more can come."""
        return self.ended and not self.data

    def add(self, at_ns: int, data: bytes) -> None:
        """Take what came."""
        if data:
            self._marks.append((self.base + len(self.data), at_ns))
            self.data += data

    def stream(self, size: int) -> Stream:
        """The first bytes, to be read by what reads whole streams; they stay."""
        return Stream(self.direction, list(self._chunks(size)), False)

    def at_ns(self, offset: int) -> int:
        """When the byte at this place of the whole stream came, which has not been dropped."""
        return self._marks[bisect_right(self._marks, offset, key=itemgetter(0)) - 1][1]

    def _chunks(self, size: int) -> Iterator[tuple[int, bytes]]:
        stop = self.base + size
        for (start, at_ns), (end, _) in pairwise(chain(self._marks, [(stop, 0)])):
            if start >= stop:
                return
            first, last = max(start, self.base), min(end, stop)
            yield at_ns, bytes(self.data[first - self.base : last - self.base])

    def drop(self, size: int) -> None:
        """The first bytes have been read."""
        del self.data[:size]
        self.base += size
        while len(self._marks) > 1 and self._marks[1][0] <= self.base:
            self._marks.popleft()
        if not self.data:
            self._marks.clear()


class Reader(Protocol):
    """Reads one message as its bytes come, as `MessageReader` does."""

    message: Message

    def feed(self, data: bytes) -> bool:
        """See `MessageReader`."""

    def finish(self, closed: bool) -> None:
        """See `MessageReader`."""


class Incoming:
    """An HTTP message that is being read out of a window, whatever has come of it so far."""

    def __init__(self, window: Window, reader: Reader) -> None:
        self.window = window
        self._reader = reader
        self._fed = 0
        self._dropped = 0

    @property
    def message(self) -> Message:
        """The message so far, counted from where it began."""
        return self._reader.message

    def read(self) -> bool:
        """Go on; whether it is over, in good order or not."""
        data = self.window.data
        while self._fed - self._dropped < len(data):
            at = self._fed - self._dropped
            block = bytes(data[at : at + BLOCK_BYTES])
            self._fed += len(block)
            if self._reader.feed(block):
                return True
        if self.window.ended:
            self._reader.finish(closed=True)
        return self.window.ended

    def piece(self) -> Message:
        """The message as the window has it: what was dropped is not there."""
        gone, message = self._dropped, self.message
        return replace(
            message,
            start=max(message.start - gone, 0),
            body=max(message.body - gone, 0),
            end=max(message.end - gone, 0),
            spans=[(start - gone, end - gone) for start, end in message.spans],
        )

    def body_after(self, at: int) -> tuple[bytes, int]:
        """What the body has beyond `at`, a place in the message, and where that ends."""
        fresh, gone, data = [], self._dropped, self.window.data
        for start, end in reversed(self.message.spans):
            if end <= at:
                break
            fresh.append(bytes(data[max(start, at) - gone : end - gone]))
        return b"".join(reversed(fresh)), self.message.spans[-1][1] if fresh else at

    def drop(self, size: int) -> None:
        """Of a message that is still under way, the window's first bytes have been read."""
        self.window.drop(size)
        gone = self._dropped = self._dropped + size
        spans = self.message.spans
        spans[:] = [(max(start, gone), end) for start, end in spans if end > gone]
