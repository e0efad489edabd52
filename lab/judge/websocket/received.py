"""Read what a server has sent after its 101: frames, and the messages that they make.

Read leniently, so that one fault of a server shows in the case that looks for it and in no other:
a mask is taken off, a longer length is taken, reserved bits are passed over.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lab.decode.rfc6455 import CLOSE, CONTINUATION, Header, headers, unmask


class Received(NamedTuple):
    """A whole frame. Offsets are those of the server's bytes on the connection."""

    header: Header
    payload: bytes

    @property
    def start(self) -> int:
        """Where the frame begins."""
        return self.header.start

    @property
    def body(self) -> int:
        """Where its payload begins."""
        return self.header.body

    @property
    def opcode(self) -> int:
        """What kind of frame it is."""
        return self.header.opcode


class Message(NamedTuple):
    """A message, in one frame or in several. `opcode` is that of the first."""

    opcode: int
    frames: tuple[Received, ...]

    @property
    def data(self) -> bytes:
        """The payloads of its frames."""
        return b"".join(frame.payload for frame in self.frames)

    def place(self, index: int) -> int:
        """Where byte `index` of the data stands in the server's bytes."""
        for frame in self.frames[:-1]:
            if index < len(frame.payload):
                return frame.body + index
            index -= len(frame.payload)
        return self.frames[-1].body + index


def frames_in(data: bytes, start: int) -> list[Received]:
    """The whole frames from `start` on."""
    whole = (each for each in headers(data, start) if isinstance(each, Header))
    return [
        Received(each, unmask(data[each.body : each.end], each.mask))
        for each in whole
        if each.end <= len(data)
    ]


def messages_in(frames: Iterable[Received]) -> Iterator[Message]:
    """The whole messages among frames; control frames stand between their fragments."""
    parts: list[Received] = []
    for frame in frames:
        if frame.opcode >= CLOSE:
            continue
        if frame.opcode != CONTINUATION:
            parts = []
        parts.append(frame)
        if frame.header.fin:
            yield Message(parts[0].opcode, tuple(parts))
            parts = []


def closed(data: bytes, start: int) -> bool:
    """Whether there is a close frame from `start` on."""
    return any(frame.opcode == CLOSE for frame in frames_in(data, start))
