"""Keep which connections are in which room, for transports whose library has no rooms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from lab.chat.effects import Member

T = TypeVar("T")


class Membership(Generic[T]):
    """The connections of one server, and the members of each room."""

    def __init__(self) -> None:
        self.connections: dict[Member, T] = {}
        self._rooms: dict[str, dict[Member, T]] = {}

    def enter(self, member: Member, room: str) -> None:
        """Add `member` to `room`."""
        self._rooms.setdefault(room, {})[member] = self.connections[member]

    def exit(self, member: Member, room: str) -> None:
        """Remove `member` from `room`."""
        members = self._rooms[room]
        del members[member]
        if not members:
            del self._rooms[room]

    def others(self, room: str, skip: Member | None) -> Iterator[T]:
        """The connections in `room`, except the one of `skip`."""
        for member, connection in self._rooms.get(room, {}).items():
            if member != skip:
                yield connection
