"""Beside the wire: what a tap tells of a connection, as plain values (pure: no I/O).

The relay produces them, the ledger reads them; neither needs to know the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

Direction = Literal["up", "down"]
"""Up is from client to target, down from target to client."""

Kind = Literal["opened", "connected", "refused", "fin", "reset", "cut", "closed"]


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Bytes as they arrived at the relay, before any delay or limit is applied to them.

    `connection` counts from 1; `at_ns` is `time.perf_counter_ns()`. A chunk is one read of the
    event loop: its borders mean nothing, neither segments nor frames.
    """

    connection: int
    direction: Direction
    at_ns: int
    data: bytes


class LineEvent(msgspec.Struct, frozen=True, gc=False):
    """What happened to a connection besides bytes, at `at_ns` (`time.perf_counter_ns()`).

    "opened": a client was accepted; each is followed by one "closed", the connection's last event.
    "connected": the target accepted. "refused": it didn't (`detail` says why); the client is reset.
    "fin", "reset": an end closed its sending side, or broke off; `direction` "up" means the client.
    "cut": the relay was told to; `detail` is "rst" or "fin".
    """

    connection: int
    kind: Kind
    at_ns: int
    direction: Direction | None = None
    detail: str = ""


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
