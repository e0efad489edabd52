"""The bytes of a link, kept as a capture: `lab why` reads it, and it becomes a HAR file."""

from __future__ import annotations

__pure__ = True

from lab.relay.capture import Captured, Chunk, ConnectionEvent

RECORDED_BYTES_MAX = 4 << 20
ENTRY_BYTES = 128
"""About what an entry takes besides its bytes."""


class Recording:
    """Connections from their opening on: a decoder can't begin in the middle of one.

    Where there is no more room, the connections that have ended make way, the oldest first; if
    there are none, the newest bytes are not kept. `complete`: nothing is missing.
    """

    def __init__(self) -> None:
        self.complete = True
        self._connections: dict[int, list[Captured]] = {}
        self._ended: dict[int, None] = {}
        self._full: set[int] = set()
        self._size = 0

    def add(self, what: Captured) -> None:
        """Keep what came, or what happened to a connection."""
        connection = what.connection
        if isinstance(what, ConnectionEvent) and what.kind == "opened":
            self._connections[connection] = []
        entries = self._connections.get(connection)
        if entries is None:
            self.complete = False
            return
        if isinstance(what, Chunk) and not self._fits(connection, what):
            return
        entries.append(what)
        self._size += _size_of(what)
        if isinstance(what, ConnectionEvent) and what.kind == "closed":
            self._ended[connection] = None

    def entries(self) -> list[Captured]:
        """All that is kept, in the order of time."""
        kept = [each for entries in self._connections.values() for each in entries]
        return sorted(kept, key=lambda each: each.at_ns)

    def _fits(self, connection: int, chunk: Chunk) -> bool:
        while self._size + _size_of(chunk) > RECORDED_BYTES_MAX and self._ended:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._size -= sum(map(_size_of, self._connections.pop(oldest)))
            self.complete = False
        if self._size + _size_of(chunk) > RECORDED_BYTES_MAX:
            self._full.add(connection)
        if connection in self._full:
            self.complete = False
        return connection not in self._full


def _size_of(what: Captured) -> int:
    return ENTRY_BYTES + (len(what.data) if isinstance(what, Chunk) else 0)
