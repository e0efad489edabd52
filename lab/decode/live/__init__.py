"""Find what `decode` finds, while the bytes are still coming.

    decoder = LiveDecoder()
    for found in decoder.feed(chunk): ...  # from a relay's `tap`
    for found in decoder.happened(event): ...  # from its `watch`

The nodes are those of `decode`, however the bytes are cut, except that what can't be read comes in
as many pieces as it came. Those of HTTP/2 come as they are whole, stream beside stream. What has
been read is forgotten: a connection may last for hours. Where a connection sends more than
`PENDING_BYTES_MAX` without an end to anything, the rest is not read.
"""

from __future__ import annotations

__pure__ = True

from lab.decode.live.connection import Dialogue
from lab.decode.live.directions import PENDING_BYTES_MAX, FoundNode, Sides
from lab.decode.tapped import ConnectionEvent, TappedChunk

__all__ = ["PENDING_BYTES_MAX", "FoundNode", "LiveDecoder"]


class LiveDecoder:
    """Reads all connections of a relay as they go on."""

    def __init__(self) -> None:
        self._dialogues: dict[int, Sides] = {}

    def feed(self, chunk: TappedChunk) -> list[FoundNode]:
        """Take bytes; returns what they completed, in the order of each direction."""
        dialogue = self._dialogue(chunk.connection)
        dialogue.windows[chunk.direction].add(chunk.at_ns, chunk.data)
        return self._read(chunk.connection, dialogue)

    def happened(self, event: ConnectionEvent) -> list[FoundNode]:
        """Take what happened to a connection; its end ends whatever was still open."""
        if event.kind not in ("fin", "closed"):
            return []
        dialogue = self._dialogue(event.connection)
        for direction, window in dialogue.windows.items():
            window.ended |= event.kind == "closed" or event.direction == direction
        found = self._read(event.connection, dialogue)
        if event.kind == "closed":
            del self._dialogues[event.connection]
        return found

    def _read(self, connection: int, dialogue: Sides) -> list[FoundNode]:
        found = dialogue.read()
        self._dialogues[connection] = dialogue.successor or dialogue
        return found

    def _dialogue(self, connection: int) -> Sides:
        if connection not in self._dialogues:
            self._dialogues[connection] = Dialogue(connection)
        return self._dialogues[connection]
