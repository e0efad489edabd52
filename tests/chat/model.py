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
BAD_NAMES = ("", "long", " a", "a\n", "\ud800", "\u2800", "\ufe0f")
"""For limits of three characters."""


class Model:
    """Answers each command with its reply, or with the code of its refusal."""

    def __init__(self, limits: Limits, life: str) -> None:
        self.limits = limits
        self.life = life
        self.begun: dict[str, int] = {}
        self.emptied: list[str] = []
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
                return self._page(member, command)
            case commands.Rooms():
                return self._listing(member, command)

    def refuse(self, member: Member, code: str, now_ms: int) -> str:
        """What is no command takes a token, too."""
        return code if self._has_token(member, now_ms) else "too_fast"

    def gone(self, member: Member, why: Why) -> None:
        self.tokens.pop(member, None)
        for room in self.rooms_of(member):
            self._depart(member, room, why)

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
            size = sum(cost(event, key) for event, key in log[start:])
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

    def _charge(self, member: Member, entries: int) -> None:
        if member in self.tokens:
            at_ms, tokens = self.tokens[member]
            self.tokens[member] = (at_ms, tokens - entries // 10)

    def _begin(self, room: str) -> None:
        """A new life of a room, for which the one that is empty longest makes way."""
        if room in self.rooms:
            return
        if len(self.rooms) >= self.limits.rooms:
            oldest = self.emptied.pop(0)
            assert not self.rooms.pop(oldest)
            del self.logs[oldest]
        self.rooms[room], self.logs[room] = {}, []
        self.begun[room] = max(self.begun.values(), default=0) + 1

    def _join(self, member: Member, command: commands.Join) -> Reply:
        room = command.room
        self._begin(room)
        members, log = self.rooms[room], self.logs[room]
        if room in self.emptied:
            self.emptied.remove(room)
        held, epoch = len(log), f"{self.life}.{self.begun[room]}"
        self._post(room, events.Arrived(room, command.name, held + 1))
        members[member] = command.name
        truncated = False
        missed: list[LoggedEvent] = []
        if command.after is not None:
            another = command.epoch is not None and command.epoch != epoch
            after = 0 if another else command.after
            wanted = [event for event, _ in log if event.seq > after]
            missed = [event for event, _ in self.tail(room) if event.seq > after]
            truncated = another or missed != wanted or command.after > held
            self.seen[member] += missed
        everybody = list(members.values())
        self._charge(member, len(everybody) + len(missed))
        return events.Joined(command.id, room, command.name, everybody, held + 1, truncated, epoch)

    def _listing(self, member: Member, command: commands.Rooms) -> Reply:
        later = [
            room for room in self.listing() if command.after is None or room.room > command.after
        ]
        most = min(command.limit or self.limits.page_rooms, self.limits.page_rooms)
        self._charge(member, len(later[:most]))
        return events.Listing(command.id, later[:most], len(later) > most)

    def _say(self, member: Member, command: commands.Say, now_ms: int) -> Reply:
        room, name = command.room, self.rooms[command.room][member]
        if command.key is not None:
            for event, key in self.tail(room):
                if isinstance(event, Message) and (event.name, key) == (name, command.key):
                    return events.Said(command.id, room, event.seq, event.at)
        seq = len(self.logs[room]) + 1
        self._post(room, Message(room, seq, name, command.text, now_ms), command.key)
        return events.Said(command.id, room, seq, now_ms)

    def _page(self, member: Member, command: commands.History) -> Reply:
        older = [
            event
            for event, _ in self.tail(command.room)
            if command.before is None or event.seq < command.before
        ]
        most = min(command.limit, self.limits.page_events)
        self._charge(member, len(older[-most:]))
        return events.Page(command.id, command.room, older[-most:])

    def _depart(self, member: Member, room: str, why: Why) -> None:
        name = self.rooms[room].pop(member)
        if not self.rooms[room]:
            self.emptied.append(room)
        self._post(room, events.Departed(room, name, len(self.logs[room]) + 1, why))

    def _post(self, room: str, event: LoggedEvent, key: str | None = None) -> None:
        self.logs[room].append((event, key))
        self._show(room, event)

    def _show(self, room: str, event: RoomEvent, skip: Member | None = None) -> None:
        for member in self.rooms[room]:
            if member != skip:
                self.seen[member].append(event)


def cost(event: LoggedEvent, key: str | None) -> int:
    """What an event costs in a log: its JSON, its key under a name, and 256 bytes."""
    key_bytes = 0 if key is None else len(event.name.encode()) + 1 + len(key.encode())
    return 256 + len(events.encode(event)) + key_bytes
