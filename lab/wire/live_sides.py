"""Beside the wire: both directions of a connection as the live decoder goes through them. Pure.

What a direction is read as is a step, which reads what is whole and is asked again with more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from lab.wire.live_window import Window
from lab.wire.messages import rest
from lab.wire.tree import Direction, Node
from lab.wire.view import Stream

PENDING_BYTES_MAX = 16 << 20
"""The most that is kept of a direction until it is known what it is."""
TOO_LONG = f"{PENDING_BYTES_MAX >> 20} MiB came without an end to what they are"


class Found(NamedTuple):
    """A node that is whole. Its offsets count from `base`, where in the stream `data` begins."""

    connection: int
    node: Node
    base: int
    data: bytes


class Sides:
    """What has come, what it is read as, and what was found in it."""

    def __init__(self, connection: int, up: Callable[[], bool], down: Callable[[], bool]) -> None:
        self.windows: dict[Direction, Window] = {"up": Window("up"), "down": Window("down")}
        self.steps: dict[Direction, Callable[[], bool]] = {"up": up, "down": down}
        """Each returns whether the other, or another that it has put in its place, may go on."""
        self.unread: set[Direction] = set()
        """Which directions can't be read any more."""
        self._connection = connection
        self._found: list[Found] = []

    def read(self) -> list[Found]:
        """All that is whole now."""
        while self.steps["up"]() or self.steps["down"]():
            pass
        for window in self.windows.values():
            if len(window.data) > PENDING_BYTES_MAX:
                self.lose(window.direction, TOO_LONG)
        found, self._found = self._found, []
        return found

    def take(
        self, direction: Direction, size: int, read: Callable[[Stream], Iterable[Node]]
    ) -> None:
        """Read the first bytes of a window, and be done with them."""
        window = self.windows[direction]
        stream = window.stream(size)
        self.tell(window.base, stream, list(read(stream)))
        window.drop(size)

    def tell(self, base: int, stream: Stream, nodes: list[Node]) -> None:
        """Nodes were found in a stream that begins at `base`."""
        self._found += [Found(self._connection, node, base, stream.data) for node in nodes]

    def lose(self, direction: Direction, reason: str) -> None:
        """From here on nobody can read this direction."""
        self.unread.add(direction)
        self.steps[direction] = partial(self._lost, direction, reason)
        self._lost(direction, reason)

    def abandon(self, reason: str) -> None:
        """Nor the other."""
        for direction in self.windows:
            self.lose(direction, reason)

    def _lost(self, direction: Direction, reason: str) -> bool:
        size = len(self.windows[direction].data)
        if size:
            self.take(direction, size, lambda stream: [rest(stream, 0, reason)])
        return False
