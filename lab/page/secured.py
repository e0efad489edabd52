"""The TLS records of a link: what they add to what they carried, and where they end."""

from __future__ import annotations

__pure__ = True

from collections import deque
from collections.abc import Iterable

import msgspec

from lab.decode.live import FoundNode
from lab.decode.sealed import SealedRecord, alone
from lab.relay.capture import Direction


class Placed(msgspec.Struct, frozen=True):
    """What was found, and where in the bytes of its direction it ends as the relay carries them."""

    found: FoundNode
    end: int


class SecuredWays:
    """Give it the records as they are opened: it says what those around a node added to it."""

    def __init__(self) -> None:
        self._ways: dict[tuple[int, Direction], _Way] = {}

    def take(self, records: Iterable[SealedRecord]) -> list[Placed]:
        """Records came. Returns those that carried nothing of the application, as nodes."""
        found = [(each, self._way(each.connection, each.direction).take(each)) for each in records]
        return [
            Placed(FoundNode(each.connection, alone(each), 0, b""), end)
            for each, end in found
            if not each.carried
        ]

    def place(self, found: FoundNode) -> Placed:
        """A node with the bytes that TLS added to the records that begin in it."""
        way = self._way(found.connection, found.node.direction)
        tls, end = way.until(found.base + found.node.end)
        node = msgspec.structs.replace(found.node, tls=tls)
        return Placed(found._replace(node=node), end)

    def closed(self, connection: int) -> None:
        """Nothing more comes on this connection."""
        for direction in ("up", "down"):
            self._ways.pop((connection, direction), None)

    def _way(self, connection: int, direction: Direction) -> _Way:
        return self._ways.setdefault((connection, direction), _Way())


class _Way:
    """One direction of one connection: the records whose content is not placed yet."""

    def __init__(self) -> None:
        self._end = 0
        self._placed = 0
        self._records: deque[tuple[SealedRecord, int]] = deque()

    def take(self, record: SealedRecord) -> int:
        self._end += record.size
        if record.carried:
            self._records.append((record, self._end))
        return self._end

    def until(self, end: int) -> tuple[int, int]:
        """What TLS added up to here since the last time, and where the last record ends."""
        begun = [(record, at) for record, at in self._records if record.at < end]
        added = sum(record.added for record, _ in begun if record.at >= self._placed)
        self._placed = max(self._placed, end)
        while self._records and self._records[0][0].at + self._records[0][0].carried <= end:
            self._records.popleft()
        return added, begun[-1][1] if begun else self._end
