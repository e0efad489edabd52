"""Beside the wire: what `decode` finds, found while the bytes are still coming. Pure.

    decoder = LiveDecoder()
    for found in decoder.feed(chunk): ...  # from a relay's `tap`
    for found in decoder.happened(event): ...  # from its `watch`

However the bytes are cut, the nodes are those of `decode`, but that what can't be read comes in as
many pieces as it came. What has been read is forgotten: a connection may last for hours. Of one
that sends more than `PENDING_BYTES_MAX` without an end to anything, the rest is not read.
"""

from __future__ import annotations

from lab.wire.decode import LineEvent, TappedChunk
from lab.wire.live_dialogue import Dialogue
from lab.wire.live_sides import PENDING_BYTES_MAX, Found

__all__ = ["PENDING_BYTES_MAX", "Found", "LiveDecoder"]


class LiveDecoder:
    """Reads all connections of a relay as they go on."""

    def __init__(self) -> None:
        self._dialogues: dict[int, Dialogue] = {}

    def feed(self, chunk: TappedChunk) -> list[Found]:
        """Take bytes; returns what they completed, in the order of each direction."""
        dialogue = self._dialogue(chunk.connection)
        dialogue.windows[chunk.direction].add(chunk.at_ns, chunk.data)
        return dialogue.read()

    def happened(self, event: LineEvent) -> list[Found]:
        """Take what happened to a connection; its end ends whatever was still open."""
        if event.kind not in ("fin", "closed"):
            return []
        dialogue = self._dialogue(event.connection)
        for direction, window in dialogue.windows.items():
            window.ended |= event.kind == "closed" or event.direction == direction
        if event.kind == "closed":
            del self._dialogues[event.connection]
        return dialogue.read()

    def _dialogue(self, connection: int) -> Dialogue:
        if connection not in self._dialogues:
            self._dialogues[connection] = Dialogue(connection)
        return self._dialogues[connection]
