"""The room as a pure state machine: `Rooms.apply(member, command, now_ms) -> effects`.

What a member may do depends on one thing, whether it stands in the room that the command names;
`TRANSITIONS` is that dependency as data, and the state diagram of the documentation is drawn from
it. All else is in the short methods that the table names.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from lab.chat import commands, events
from lab.chat.admission import Pace, RefusedError, check_names, check_text
from lab.chat.commands import Command
from lab.chat.effects import Broadcast, Deliver, Effect, Enter, Exit, Member, Reply
from lab.chat.events import LoggedEvent, Why
from lab.chat.limits import Limits
from lab.chat.log import MemoryLog, RoomLog


class Presence(StrEnum):
    """Where a member stands toward one room."""

    OUTSIDE = "outside"
    INSIDE = "inside"


class Transition(NamedTuple):
    """One row of the table: which method acts, where it leads, what everybody gets to see."""

    act: Callable[[Rooms, Member, Any, int], list[Effect]]
    to: Presence
    reply: str
    seen: str = ""


class _Room:
    """One room: who is in it under which name, and its newest `seq`."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.names: dict[Member, str] = {}
        self.taken: set[str] = set()


class Rooms:
    """All rooms, and the only place where they change.

    The caller brings the time (milliseconds since the epoch) and carries out the effects in the
    order in which they are returned.
    """

    def __init__(self, limits: Limits | None = None, log: RoomLog | None = None) -> None:
        self.limits = limits or Limits()
        self._log: RoomLog = MemoryLog(self.limits) if log is None else log
        self._rooms: dict[str, _Room] = {}
        self._inside: dict[Member, list[str]] = {}
        self._pace = Pace(self.limits)

    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        """Carry out one command: exactly one `Reply` among the effects, but none for `typing`."""
        try:
            self._pace.check(member, now_ms)
            row = TRANSITIONS[self._presence(member, command), type(command)]
            return row.act(self, member, command, now_ms)
        except RefusedError as refusal:
            if isinstance(command, commands.Typing):
                return []
            return [Reply(events.Refused(command.id, refusal.code, str(refusal)))]

    def gone(self, member: Member, why: Why) -> list[Effect]:
        """The member's connection ended: it departs from every room that it was in."""
        self._pace.forget(member)
        effects: list[Effect] = []
        for room in self._inside.pop(member, []):
            effects += self._depart(member, room, why)
        return effects

    # The acts: one for each row of the table.

    def _join(self, member: Member, command: commands.Join, _now_ms: int) -> list[Effect]:
        check_names(self.limits, command)
        inside = self._inside.get(member, [])
        if len(inside) >= self.limits.rooms_per_connection:
            raise RefusedError("too_many_rooms", f"at most {self.limits.rooms_per_connection}")
        room = self._open(command)
        room.names[member] = command.name
        room.taken.add(command.name)
        self._inside[member] = [*inside, command.room]
        arrived = events.Arrived(command.room, command.name, self._next_seq(room))
        self._log.append(arrived)
        return [Broadcast(command.room, arrived), *self._welcome(command, room)]

    def _welcome(self, command: commands.Join, room: _Room) -> list[Effect]:
        """The reply, then what was missed, and only then whatever comes next."""
        missed: tuple[LoggedEvent, ...] = ()
        truncated = False
        if command.after is not None:
            missed, truncated = self._log.since(command.room, command.after)
            # Nobody has seen this arrival yet: a client that says so speaks of an earlier life of
            # the room, and the log can't vouch for what it missed.
            truncated = truncated or command.after >= room.seq
        joined = events.Joined(
            id=command.id,
            room=command.room,
            name=command.name,
            members=list(room.names.values()),
            seq=room.seq,
            truncated=truncated,
        )
        replay: list[Effect] = [Deliver(missed)] if missed else []
        return [Reply(joined), *replay, Enter(command.room)]

    def _leave(self, member: Member, command: commands.Leave, _now_ms: int) -> list[Effect]:
        self._inside[member].remove(command.room)
        out, *seen = self._depart(member, command.room, "left")
        return [out, Reply(events.Left(command.id, command.room)), *seen]

    def _say(self, member: Member, command: commands.Say, now_ms: int) -> list[Effect]:
        check_text(self.limits, command.text)
        room = self._rooms[command.room]
        name = room.names[member]
        if command.key is not None:
            earlier = self._log.keyed(command.room, name, command.key)
            if earlier is not None:
                return [Reply(events.Said(command.id, command.room, earlier.seq, earlier.at))]
        message = events.Message(command.room, self._next_seq(room), name, command.text, now_ms)
        self._log.append(message, command.key)
        said = events.Said(command.id, command.room, message.seq, now_ms)
        return [Reply(said), Broadcast(command.room, message)]

    def _typing(self, member: Member, command: commands.Typing, _now_ms: int) -> list[Effect]:
        name = self._rooms[command.room].names[member]
        return [Broadcast(command.room, events.IsTyping(command.room, name), skip=member)]

    def _history(self, _member: Member, command: commands.History, _now_ms: int) -> list[Effect]:
        limit = min(command.limit, self.limits.page_events)
        page = self._log.page(command.room, command.before, limit)
        return [Reply(events.Page(command.id, command.room, page))]

    def _listing(self, _member: Member, command: commands.Rooms, _now_ms: int) -> list[Effect]:
        rooms = [
            events.RoomSummary(name, len(room.names), room.seq)
            for name, room in sorted(self._rooms.items())
        ]
        return [Reply(events.Listing(command.id, rooms))]

    def _not_inside(self, _member: Member, command: Any, _now_ms: int) -> list[Effect]:
        raise RefusedError("not_in_room", f"join {command.room[: self.limits.room_chars]!r} first")

    def _already_inside(self, member: Member, command: commands.Join, _now_ms: int) -> list[Effect]:
        name = self._rooms[command.room].names[member]
        raise RefusedError("already_in_room", f"you are in {command.room!r} as {name!r}")

    # What the acts are made of.

    def _presence(self, member: Member, command: Command) -> Presence:
        room = self._rooms.get(getattr(command, "room", ""))
        return Presence.INSIDE if room is not None and member in room.names else Presence.OUTSIDE

    def _depart(self, member: Member, room_name: str, why: Why) -> list[Effect]:
        room = self._rooms[room_name]
        name = room.names.pop(member)
        room.taken.remove(name)
        departed = events.Departed(room_name, name, self._next_seq(room), why)
        self._log.append(departed)
        return [Exit(room_name), Broadcast(room_name, departed)]

    def _open(self, command: commands.Join) -> _Room:
        """The room to join, made where it is new; refused where there is no place in it."""
        room = self._rooms.get(command.room)
        if room is None:
            self._make_way()
            room = self._rooms[command.room] = _Room(self._log.last_seq(command.room))
        if command.name in room.taken:
            raise RefusedError("name_taken", f"somebody is {command.name!r} in {command.room!r}")
        if len(room.names) >= self.limits.members_per_room:
            raise RefusedError("room_full", f"at most {self.limits.members_per_room} members")
        return room

    def _make_way(self) -> None:
        """Where no more rooms fit, an empty one is forgotten."""
        if len(self._rooms) < self.limits.rooms:
            return
        empty = next((name for name, room in self._rooms.items() if not room.names), None)
        if empty is None:
            raise RefusedError("server_full", f"at most {self.limits.rooms} rooms")
        del self._rooms[empty]
        self._log.forget(empty)

    def _next_seq(self, room: _Room) -> int:
        room.seq += 1
        return room.seq


_IN, _OUT = Presence.INSIDE, Presence.OUTSIDE

TRANSITIONS: dict[tuple[Presence, type[Command]], Transition] = {
    (_OUT, commands.Join): Transition(Rooms._join, _IN, "joined", "arrived"),
    (_OUT, commands.Leave): Transition(Rooms._not_inside, _OUT, "refused not_in_room"),
    (_OUT, commands.Say): Transition(Rooms._not_inside, _OUT, "refused not_in_room"),
    (_OUT, commands.Typing): Transition(Rooms._not_inside, _OUT, ""),
    (_OUT, commands.History): Transition(Rooms._not_inside, _OUT, "refused not_in_room"),
    (_OUT, commands.Rooms): Transition(Rooms._listing, _OUT, "listing"),
    (_IN, commands.Join): Transition(Rooms._already_inside, _IN, "refused already_in_room"),
    (_IN, commands.Leave): Transition(Rooms._leave, _OUT, "left", "departed"),
    (_IN, commands.Say): Transition(Rooms._say, _IN, "said", "message"),
    (_IN, commands.Typing): Transition(Rooms._typing, _IN, "", "typing"),
    (_IN, commands.History): Transition(Rooms._history, _IN, "page"),
}
"""(where the member stands, what it commands) -> what happens. `rooms` names no room: outside."""


def state_diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", "    [*] --> outside"]
    for (presence, kind), row in TRANSITIONS.items():
        answer = " + ".join(part for part in (row.reply, row.seen) if part) or "nothing"
        lines.append(f"    {presence} --> {row.to}: {kind.__struct_config__.tag} / {answer}")
    lines += [
        "    outside --> [*]: connection ends / nothing",
        "    inside --> [*]: connection ends / departed",
    ]
    return "\n".join(lines) + "\n"
