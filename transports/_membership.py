"""Shared by the wires that have no rooms of their own: who is in which room, kept by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from lab.chat.effects import Member

T = TypeVar("T")


class Membership(Generic[T]):
    """The connections of one outlet, and those of them that are in each room."""

    def __init__(self) -> None:
        self.connections: dict[Member, T] = {}
        self._rooms: dict[str, dict[Member, T]] = {}

    def enter(self, member: Member, room: str) -> None:
        """From now on `member` is among those in `room`."""
        self._rooms.setdefault(room, {})[member] = self.connections[member]

    def exit(self, member: Member, room: str) -> None:
        """From now on it no longer is."""
        members = self._rooms[room]
        del members[member]
        if not members:
            del self._rooms[room]

    def others(self, room: str, skip: Member | None) -> Iterator[T]:
        """The connections in `room` but `skip`'s."""
        for member, connection in self._rooms.get(room, {}).items():
            if member != skip:
                yield connection
