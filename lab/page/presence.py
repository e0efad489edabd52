"""Which member stands on which wire: a chat between the room and each wire that listens along.

The room knows names and no wires, a wire knows members and no names; what passes between the two,
replies and departures, tells both.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Joined, Left, Reply, Why
from lab.chat.limits import Limits
from lab.contract import Chat, Outlet


class Attendance:
    """Who is in which room, on which wire. A watcher is a set that changed rooms are put into."""

    def __init__(self) -> None:
        self._rooms: dict[str, dict[Member, tuple[str, str]]] = {}
        self._watchers: list[set[str]] = []

    def watch(self) -> set[str]:
        """A set that every room is put into whose attendance changes; all rooms are in it now."""
        watcher = set(self._rooms)
        self._watchers.append(watcher)
        return watcher

    def unwatch(self, watcher: set[str]) -> None:
        """Put nothing into that set any more."""
        self._watchers = [each for each in self._watchers if each is not watcher]

    def members(self, room: str) -> list[tuple[str, str]]:
        """Name and wire of each in the room, in the order in which they came."""
        return list(self._rooms.get(room, {}).values())

    def came(self, room: str, member: Member, name: str, wire: str) -> None:
        """A member has joined."""
        self._rooms.setdefault(room, {})[member] = (name, wire)
        self._changed(room)

    def went(self, room: str, member: Member) -> None:
        """A member has left."""
        present = self._rooms.get(room, {})
        if present.pop(member, None) is None:
            return
        if not present:
            del self._rooms[room]
        self._changed(room)

    def _changed(self, room: str) -> None:
        for watcher in self._watchers:
            watcher.add(room)


class AttendedChat:
    """The chat as the server of one wire is given it; see `contract.Chat`."""

    def __init__(self, chat: Chat, attendance: Attendance, wire: str) -> None:
        self._chat = chat
        self._attendance = attendance
        self._wire = wire
        self._joined: dict[Member, set[str]] = {}

    @property
    def limits(self) -> Limits:
        return self._chat.limits

    def attach(self, outlet: Outlet) -> Member:
        member = self._chat.attach(outlet)
        self._joined[member] = set()
        return member

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        def heard(event: Reply) -> None:
            self._heard(member, event)
            reply(event)

        self._chat.receive(member, command, heard)

    def detach(self, member: Member, why: Why) -> None:
        for room in self._joined.pop(member, ()):
            self._attendance.went(room, member)
        self._chat.detach(member, why)

    def _heard(self, member: Member, event: Reply) -> None:
        if member not in self._joined:
            return
        if isinstance(event, Joined):
            self._joined[member].add(event.room)
            self._attendance.came(event.room, member, event.name, self._wire)
        elif isinstance(event, Left):
            self._joined[member].discard(event.room)
            self._attendance.went(event.room, member)
