"""Both directions of a connection, as the live decoder reads them.

A direction is read by a step: it reads what is whole, and is called again when more has come.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from lab.decode.live.window import Window
from lab.decode.messages import rest
from lab.decode.tree import Direction, Node
from lab.decode.view import Stream

PENDING_BYTES_MAX = 16 << 20
"""The most that is kept of a direction while it can't be read yet."""
TOO_LONG = f"{PENDING_BYTES_MAX >> 20} MiB came without the end of a message"


class FoundNode(NamedTuple):
    """A node that is whole. Its offsets count from `base`, where in the stream `data` begins."""

    connection: int
    node: Node
    base: int
    data: bytes


class Sides:
    """What has come, what it is read as, and what was found in it."""

    most_bytes = PENDING_BYTES_MAX
    successor: Sides | None = None
    """What reads the connection from here on, instead of this."""

    def __init__(self, connection: int, up: Callable[[], bool], down: Callable[[], bool]) -> None:
        self.windows: dict[Direction, Window] = {"up": Window("up"), "down": Window("down")}
        self.steps: dict[Direction, Callable[[], bool]] = {"up": up, "down": down}
        """Each returns whether the other, or another that it has put in its place, may go on."""
        self.unread: set[Direction] = set()
        """Which directions can't be read any more."""
        self.number = connection
        self._found: list[FoundNode] = []

    def read(self) -> list[FoundNode]:
        """All that is whole now."""
        while self.steps["up"]() or self.steps["down"]():
            pass
        for window in self.windows.values():
            if self.successor is None and len(window.data) > self.most_bytes:
                self.lose(window.direction, TOO_LONG)
        found, self._found = self._found, []
        return found + (self.successor.read() if self.successor else [])

    def take(
        self, direction: Direction, size: int, read: Callable[[Stream], Iterable[Node]]
    ) -> None:
        """Read the first bytes of a window, and forget them."""
        window = self.windows[direction]
        stream = window.stream(size)
        self.report(window.base, stream, list(read(stream)))
        window.drop(size)

    def report(self, base: int, stream: Stream, nodes: list[Node]) -> None:
        """Nodes were found in a stream that begins at `base`."""
        self._found += [FoundNode(self.number, node, base, stream.data) for node in nodes]

    def lose(self, direction: Direction, reason: str) -> None:
        """From here on this direction can't be read."""
        self.unread.add(direction)
        self.steps[direction] = partial(self._lost, direction, reason)
        self._lost(direction, reason)

    def abandon(self, reason: str) -> None:
        """From here on neither direction can be read."""
        for direction in self.windows:
            self.lose(direction, reason)

    def _lost(self, direction: Direction, reason: str) -> bool:
        size = len(self.windows[direction].data)
        if size:
            self.take(direction, size, lambda stream: [rest(stream, 0, reason)])
        return False
