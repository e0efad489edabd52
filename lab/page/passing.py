"""When the bytes of a record had all left the link, by what the relay says that it passed on."""

from __future__ import annotations

__pure__ = True

from collections import deque

from lab.relay.capture import Direction, Passed

MARKS_MAX = 1_000
"""Writes of a direction that are remembered for records that are not decoded yet."""


class Passing:
    """Give it what passed and where records end: `take` says which have passed, and when."""

    def __init__(self) -> None:
        self._ways: dict[tuple[int, Direction], _Way] = {}
        self._done: list[tuple[int, int]] = []

    def passed(self, what: Passed) -> None:
        """Bytes were passed on."""
        self._done += self._way(what.connection, what.direction).passed(what)

    def ends(self, connection: int, direction: Direction, number: int, end: int) -> None:
        """A record ends there in the stream of that direction."""
        self._done += self._way(connection, direction).ends(number, end)

    def closed(self, connection: int) -> None:
        """Nothing more passes on this connection."""
        for direction in ("up", "down"):
            self._ways.pop((connection, direction), None)

    def take(self) -> list[tuple[int, int]]:
        """The numbers of the records that have passed since the last time, and when, in ns."""
        done, self._done = self._done, []
        return done

    def _way(self, connection: int, direction: Direction) -> _Way:
        return self._ways.setdefault((connection, direction), _Way())


class _Way:
    """One direction of one connection."""

    def __init__(self) -> None:
        self._size = 0
        self._marks: deque[tuple[int, int]] = deque(maxlen=MARKS_MAX)
        self._waiting: deque[tuple[int, int]] = deque(maxlen=MARKS_MAX)

    def passed(self, what: Passed) -> list[tuple[int, int]]:
        self._size += what.size_bytes
        self._marks.append((self._size, what.at_ns))
        done = []
        while self._waiting and self._waiting[0][1] <= self._size:
            done.append((self._waiting.popleft()[0], what.at_ns))
        return done

    def ends(self, number: int, end: int) -> list[tuple[int, int]]:
        if end > self._size:
            self._waiting.append((number, end))
            return []
        return [(number, next((at_ns for size, at_ns in self._marks if size >= end), 0))]
