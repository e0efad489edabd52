"""Know which member is on which transport: a chat between the room and each transport.

The room knows names but no transports, a transport knows members but no names. Replies and
departures pass between the two, and say both.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Joined, Left, Reply, Why
from lab.contract import Chat, Outlet
from lab.service.passing import PassingChat


class Attendance:
    """Who is in which room, on which transport.

    A watcher is a set to which the names of changed rooms are added.
    """

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
        """Name and transport of each in the room, in the order in which they joined."""
        return list(self._rooms.get(room, {}).values())

    def joined(self, room: str, member: Member, name: str, transport: str) -> None:
        """A member has joined."""
        self._rooms.setdefault(room, {})[member] = (name, transport)
        self._changed(room)

    def left(self, room: str, member: Member) -> None:
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


class AttendedChat(PassingChat):
    """The chat that the server of one transport gets; see `contract.Chat`."""

    def __init__(self, chat: Chat, attendance: Attendance, transport: str) -> None:
        super().__init__(chat)
        self._attendance = attendance
        self._transport = transport
        self._joined: dict[Member, set[str]] = {}

    def attach(self, outlet: Outlet) -> Member:
        member = super().attach(outlet)
        self._joined[member] = set()
        return member

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        def on_reply(event: Reply) -> None:
            self._note(member, event)
            reply(event)

        super().receive(member, command, on_reply)

    def detach(self, member: Member, why: Why) -> None:
        for room in self._joined.pop(member, ()):
            self._attendance.left(room, member)
        super().detach(member, why)

    def _note(self, member: Member, event: Reply) -> None:
        if member not in self._joined:
            return
        if isinstance(event, Joined):
            self._joined[member].add(event.room)
            self._attendance.joined(event.room, member, event.name, self._transport)
        elif isinstance(event, Left):
            self._joined[member].discard(event.room)
            self._attendance.left(event.room, member)
