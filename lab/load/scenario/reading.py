"""Reads ids out of what a target sends, without decoding the messages around them."""

from __future__ import annotations

__pure__ = True

import struct
from collections.abc import Callable, Container

from lab.load.raw.frames import FINAL, TEXT
from lab.load.scenario.watch import Watch
from lab.scenario.placeholders import ID_DIGITS

SEPARATOR = b"\x1e"
"""Separates the packets of a payload (Engine.IO protocol 4). Inside JSON it is always escaped."""


class FrameIds:
    """Reads frames in pieces of any size, and collects the ids of those that `watch` knows.

    `awaited`: the ids that may come. A text with another one, and every other frame, goes to
    `on_other`, as its first byte and its payload.
    """

    def __init__(
        self,
        watch: Watch,
        awaited: Container[bytes],
        on_other: Callable[[int, bytes], None],
    ) -> None:
        self._watch = watch
        self._awaited = awaited
        self._on_other = on_other
        self._rest = b""
        self._head = b""
        """The header and the mark of a frame with an id, if the server gathers messages."""
        self._shape = struct.Struct("x")
        """That frame: its head, what stands before the id, the id, and the rest."""

    def feed(self, data: bytes) -> list[bytes]:
        """Read a piece. Returns the ids in it, in their order."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        return self._alike(data) or self._each(data)

    def _alike(self, data: bytes) -> list[bytes] | None:
        """The ids, if every frame has the shape of an earlier one; else None.

        A server that gathers messages sends many such frames at once.
        """
        head, shape = self._head, self._shape
        if not head or len(data) % shape.size:
            return None
        tags = [tag for begin, tag in shape.iter_unpack(data) if begin == head]
        if len(tags) * shape.size < len(data) or not all(map(self._awaited.__contains__, tags)):
            return None
        return tags

    def _each(self, data: bytes) -> list[bytes]:
        watch, awaited, end = self._watch, self._awaited, len(data)
        mark, offset = watch.mark, watch.offset
        behind = offset + ID_DIGITS
        tags: list[bytes] = []
        newest, at = (0, 0, 0), 0
        while at + 2 <= end:
            length = data[at + 1]
            payload = at + 2
            if length == 126:
                payload = at + 4
                length = data[at + 2] << 8 | data[at + 3] if payload <= end else 0
            elif length == 127:
                payload = at + 10
                length = int.from_bytes(data[at + 2 : payload]) if payload <= end else 0
            stop = payload + length
            if stop > end:
                break
            if (
                data[at] == FINAL | TEXT
                and data.startswith(mark, payload)
                and (tag := data[payload + offset : payload + behind]) in awaited
                and payload + behind <= stop
            ):
                tags.append(tag)
                newest = at, payload, stop
            else:
                self._on_other(data[at], data[payload:stop])
                mark, offset = watch.mark, watch.offset
                behind = offset + ID_DIGITS
            at = stop
        self._rest = data[at:]
        if len(tags) > 1:
            self._keep_shape(data, newest)
        return tags

    def _keep_shape(self, data: bytes, newest: tuple[int, int, int]) -> None:
        at, payload, stop = newest
        marked = payload + len(self._watch.mark)
        tag = payload + self._watch.offset
        self._head = data[at:marked]
        size = f"{marked - at}s {tag - marked}x {ID_DIGITS}s {stop - tag - ID_DIGITS}x"
        self._shape = struct.Struct(size)


def payload_ids(
    body: bytes,
    watch: Watch,
    awaited: Container[bytes],
    on_other: Callable[[bytes], None],
) -> list[bytes]:
    """The ids in an HTTP body of packets; see `FrameIds`."""
    tags = []
    for packet in body.split(SEPARATOR):
        tag = packet[watch.offset : watch.offset + ID_DIGITS]
        if packet.startswith(watch.mark) and tag in awaited:
            tags.append(tag)
        else:
            on_other(packet)
    return tags
