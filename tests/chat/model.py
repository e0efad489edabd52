"""A second, naive room to hold `Rooms` against: whole logs, full scans, no index, no effects."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Message, Reply, RoomEvent, Why
from lab.chat.limits import Limits

GOOD_NAMES = ("a", "b", "c d", "é")
BAD_NAMES = ("", "long", " a", "a\n", "\ud800")
"""For limits of three characters."""


class Model:
    """Answers each command with its reply, or with the code of its refusal."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rooms: dict[str, dict[Member, str]] = {}
        self.logs: dict[str, list[tuple[LoggedEvent, str | None]]] = {}
        self.seen: dict[Member, list[RoomEvent]] = defaultdict(list)
        self.tokens: dict[Member, tuple[int, Fraction]] = {}

    def do(self, member: Member, command: Command, now_ms: int) -> Reply | str | None:
        code = self._refusal(member, command, now_ms)
        match command:
            case commands.Typing(room=room):
                if code is None:
                    name = self.rooms[room][member]
                    self._show(room, events.IsTyping(room, name), skip=member)
                return None
            case _ if code is not None:
                return code
            case commands.Join():
                return self._join(member, command)
            case commands.Leave(id=number, room=room):
                self._depart(member, room, "left")
                return events.Left(number, room)
            case commands.Say():
                return self._say(member, command, now_ms)
            case commands.History():
                return self._page(command)
            case commands.Rooms(id=number):
                return events.Listing(number, self.listing())

    def gone(self, member: Member, why: Why) -> None:
        self.tokens.pop(member, None)
        for room in self.rooms_of(member):
            self._depart(member, room, why)

    def forget(self, room: str) -> None:
        """An empty room made way for a new one."""
        assert not self.rooms.pop(room)
        del self.logs[room]

    def rooms_of(self, member: Member) -> list[str]:
        return [room for room, members in self.rooms.items() if member in members]

    def listing(self) -> list[events.RoomSummary]:
        return [
            events.RoomSummary(room, len(members), len(self.logs[room]))
            for room, members in sorted(self.rooms.items())
        ]

    def tail(self, room: str) -> list[tuple[LoggedEvent, str | None]]:
        """What a bounded log still holds: the longest end of the whole one that fits."""
        log = self.logs[room]
        for start in range(len(log)):
            size = sum(len(events.encode(event)) for event, _ in log[start:])
            if len(log) - start <= self.limits.log_events and size <= self.limits.log_bytes:
                return log[start:]
        return []

    def _refusal(self, member: Member, command: Command, now_ms: int) -> str | None:
        if not self._has_token(member, now_ms):
            return "too_fast"
        if isinstance(command, commands.Rooms):
            return None
        inside = member in self.rooms.get(command.room, {})
        if isinstance(command, commands.Join):
            return "already_in_room" if inside else self._join_refusal(member, command)
        if not inside:
            return "not_in_room"
        too_long = (
            isinstance(command, commands.Say)
            and len(command.text.encode()) > self.limits.text_bytes
        )
        return "text_too_long" if too_long else None

    def _join_refusal(self, member: Member, command: commands.Join) -> str | None:
        members = self.rooms.get(command.room, {})
        full = len(self.rooms) >= self.limits.rooms and all(self.rooms.values())
        reasons = {
            "bad_name": command.room not in GOOD_NAMES or command.name not in GOOD_NAMES,
            "too_many_rooms": len(self.rooms_of(member)) >= self.limits.rooms_per_connection,
            "server_full": command.room not in self.rooms and full,
            "name_taken": command.name in members.values(),
            "room_full": len(members) >= self.limits.members_per_room,
        }
        return next((code for code, holds in reasons.items() if holds), None)

    def _has_token(self, member: Member, now_ms: int) -> bool:
        per_s, burst = self.limits.commands_per_s, self.limits.command_burst
        if per_s is None:
            return True
        at_ms, tokens = self.tokens.get(member, (now_ms, Fraction(burst)))
        tokens = min(Fraction(burst), tokens + Fraction((now_ms - at_ms) * per_s, 1000))
        self.tokens[member] = (now_ms, tokens - 1 if tokens >= 1 else tokens)
        return tokens >= 1

    def _join(self, member: Member, command: commands.Join) -> Reply:
        room = command.room
        members = self.rooms.setdefault(room, {})
        log = self.logs.setdefault(room, [])
        held = len(log)
        self._post(room, events.Arrived(room, command.name, held + 1))
        members[member] = command.name
        truncated = False
        if command.after is not None:
            wanted = [event for event, _ in log if event.seq > command.after]
            missed = [event for event, _ in self.tail(room) if event.seq > command.after]
            truncated = missed != wanted or command.after > held
            self.seen[member] += missed
        return events.Joined(
            command.id, room, command.name, list(members.values()), held + 1, truncated
        )

    def _say(self, member: Member, command: commands.Say, now_ms: int) -> Reply:
        room, name = command.room, self.rooms[command.room][member]
        if command.key is not None:
            for event, key in self.tail(room):
                if isinstance(event, Message) and (event.name, key) == (name, command.key):
                    return events.Said(command.id, room, event.seq, event.at)
        seq = len(self.logs[room]) + 1
        self._post(room, Message(room, seq, name, command.text, now_ms), command.key)
        return events.Said(command.id, room, seq, now_ms)

    def _page(self, command: commands.History) -> Reply:
        older = [
            event
            for event, _ in self.tail(command.room)
            if command.before is None or event.seq < command.before
        ]
        most = min(command.limit, self.limits.page_events)
        return events.Page(command.id, command.room, older[-most:])

    def _depart(self, member: Member, room: str, why: Why) -> None:
        name = self.rooms[room].pop(member)
        self._post(room, events.Departed(room, name, len(self.logs[room]) + 1, why))

    def _post(self, room: str, event: LoggedEvent, key: str | None = None) -> None:
        self.logs[room].append((event, key))
        self._show(room, event)

    def _show(self, room: str, event: RoomEvent, skip: Member | None = None) -> None:
        for member in self.rooms[room]:
            if member != skip:
                self.seen[member].append(event)
