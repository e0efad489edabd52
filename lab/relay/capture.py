"""What the relay reports of a connection, as plain values, and as the text of a file. No I/O.

The relay makes these values, the decoder and the ledger read them; none of them needs to know the
others. A capture file has one value a line, as JSON, in the order in which they were reported.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

Direction = Literal["up", "down"]
"""Up is from client to target, down from target to client."""

Kind = Literal["opened", "connected", "refused", "fin", "reset", "cut", "closed"]


class Chunk(msgspec.Struct, frozen=True, gc=False, tag="bytes"):
    """Bytes as they arrived at the relay, before any delay or limit is applied to them.

    `connection` counts from 1; `at_ns` is `time.perf_counter_ns()`. A chunk is one read of the
    event loop: its borders are neither those of TCP segments nor those of frames.
    """

    connection: int
    direction: Direction
    at_ns: int
    data: bytes


class Passed(msgspec.Struct, frozen=True, gc=False):
    """Bytes that the relay has passed on, at `at_ns`: the next `size_bytes` of a direction."""

    connection: int
    direction: Direction
    at_ns: int
    size_bytes: int


class ConnectionEvent(msgspec.Struct, frozen=True, gc=False, tag="event"):
    """What happened to a connection besides bytes, at `at_ns` (`time.perf_counter_ns()`).

    "opened": a client was accepted. Exactly one "closed" follows, the connection's last event.
    "connected": the target accepted. "refused": it did not, for the reason in `detail`, and the
    relay resets the client.
    "fin": an end closed its sending side. "reset": an end broke off. `direction` "up" means the
    client. "cut": the relay was asked to cut the connection; `detail` is "rst" or "fin".
    """

    connection: int
    kind: Kind
    at_ns: int
    direction: Direction | None = None
    detail: str = ""


Captured: TypeAlias = Chunk | ConnectionEvent

_FILE = msgspec.json.Decoder(Captured)


def to_line(captured: Captured) -> bytes:
    """A line of a capture file. Bytes are in base64, times in ns of a clock without an origin."""
    return msgspec.json.encode(captured) + b"\n"


def from_lines(content: bytes) -> tuple[list[Chunk], list[ConnectionEvent]]:
    """Read a capture file. The last line may be unfinished, if a program was writing it.

    Raises ValueError, which names the line that is no part of a capture; also where none is whole.
    """
    lines = content.split(b"\n")
    found: list[Captured] = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            found.append(_FILE.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"line {number} is no part of a capture: {error}") from error
    if content and not found:
        raise ValueError("it has no whole line of a capture")
    return split(found)


def split(captured: Iterable[Captured]) -> tuple[list[Chunk], list[ConnectionEvent]]:
    """Bytes and events apart, as the decoder takes them."""
    found = list(captured)
    return (
        [each for each in found if isinstance(each, Chunk)],
        [each for each in found if isinstance(each, ConnectionEvent)],
    )


@dataclass(slots=True)
class Traffic:
    """Bytes that arrived at the relay, per direction; `open` until the connection is closed."""

    up_bytes: int = 0
    down_bytes: int = 0
    open: bool = True

    def add(self, direction: Direction, size_bytes: int) -> None:
        """Count bytes of one direction."""
        if direction == "up":
            self.up_bytes += size_bytes
        else:
            self.down_bytes += size_bytes
