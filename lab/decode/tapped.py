"""What a relay hands over: bytes as they came, and what happened to a connection."""

from __future__ import annotations

from typing import Protocol

from lab.decode.tree import Direction


class TappedChunk(Protocol):
    """Bytes as they came: `direction` is "up" or "down", `at_ns` is in nanoseconds."""

    @property
    def connection(self) -> int: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def at_ns(self) -> int: ...
    @property
    def data(self) -> bytes: ...


class ConnectionEvent(Protocol):
    """What happened to a connection. Only the kinds "opened", "closed" and "fin" are read."""

    @property
    def connection(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at_ns(self) -> int: ...
    @property
    def direction(self) -> str | None: ...
