"""Read WebSocket frames as they come, a message at a time."""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable

from lab.decode.frames import FrameReader
from lab.decode.live.directions import Sides
from lab.decode.rfc6455 import CONTINUATION, UNFINISHED, Header, header_at
from lab.decode.tree import Direction
from lab.decode.view import Stream

HEADER_BYTES_MAX = 14


class Boundaries:
    """Finds the places in one direction where no message is under way.

    `is_part`: whether a frame belongs to a message that may have several. `unreadable`: why nothing
    more can be found, "" while it can.
    """

    def __init__(self, is_part: Callable[[Header], bool]) -> None:
        self.unreadable = ""
        self._is_part = is_part
        self._at = 0
        self._under_way = False

    def next(self, data: bytearray) -> int | None:
        """How many bytes it is to the next such place, which is where `data` begins from then on.

        None where it has not come yet: call again when more has come.
        """
        while self._at < len(data) and not self.unreadable:
            found = header_at(bytes(data[self._at : self._at + HEADER_BYTES_MAX]), 0)
            if not isinstance(found, Header):
                self.unreadable = found[1] if found[1] != UNFINISHED else ""
                return None
            if self._at + found.end > len(data):
                return None
            self._at += found.end
            if self._is_part(found) and (found.opcode != CONTINUATION or self._under_way):
                self._under_way = not found.fin
            if not self._under_way:
                size, self._at = self._at, 0
                return size
        return None


class Frames:
    """Reads one direction of a connection that has switched to WebSocket."""

    def __init__(
        self, sides: Sides, direction: Direction, reader: Callable[[Stream], FrameReader]
    ) -> None:
        self._sides = sides
        self._direction: Direction = direction
        self._reader = reader
        self._boundaries = Boundaries(reader(Stream(direction, [], False)).is_part)

    def read(self) -> bool:
        """A step: the next message, with what stands among its frames."""
        window = self._sides.windows[self._direction]
        size = self._boundaries.next(window.data)
        if size is None and (window.ended or self._boundaries.unreadable):
            size = len(window.data)
        if size:
            self._sides.take(self._direction, size, lambda stream: self._reader(stream).nodes(0))
        if self._boundaries.unreadable:
            self._sides.lose(self._direction, self._boundaries.unreadable)
        return bool(size)
