"""The rooms as a pure state machine: `Rooms.apply(member, command, now_ms) -> effects`.

What a member may do depends only on whether it is in the room that the command names. `TRANSITIONS`
states this as data. The state diagram in the documentation is drawn from it. The table names short
methods that do the rest.
"""

from __future__ import annotations

__pure__ = True

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec.structs import astuple

from lab.chat import commands, events
from lab.chat.admission import Pace, RefusedError, check_names, check_text
from lab.chat.commands import Command
from lab.chat.effects import Broadcast, Deliver, Effect, Enter, Exit, Member, Reply
from lab.chat.events import LoggedEvent, Why
from lab.chat.limits import Limits
from lab.chat.log import MemoryLog, RoomLog
from lab.chat.state import RoomState, State


class Presence(StrEnum):
    """Whether a member is in a room."""

    OUTSIDE = "outside"
    INSIDE = "inside"


class Transition(NamedTuple):
    """One row of the table: the method, the next state, the reply, and what members see."""

    act: Callable[[Rooms, Member, Any, int], list[Effect]]
    to: Presence
    reply: str
    seen: str = ""


class _Room:
    """One life of a room: its epoch, its members with their names, and its newest `seq`."""

    def __init__(self, epoch: str, seq: int) -> None:
        self.epoch = epoch
        self.seq = seq
        self.names: dict[Member, str] = {}
        self.taken: set[str] = set()


class Rooms:
    """All rooms. Only this class changes them.

    The caller brings the time (milliseconds since the epoch) and carries out the effects in the
    order in which they are returned. It also brings `life`, a name that no other `Rooms` of the
    same clients has. The epoch of a room is made of `life` and a number.
    """

    def __init__(
        self, limits: Limits | None = None, log: RoomLog | None = None, life: str = "1"
    ) -> None:
        self.limits = limits or Limits()
        self._log: RoomLog = MemoryLog(self.limits) if log is None else log
        self._life, self._lives = life, 0
        self._rooms: dict[str, _Room] = {}
        self._names: list[str] = []
        """The keys of `_rooms` in rising order."""
        self._empty: dict[str, None] = {}
        """The rooms without members; the one that has been empty longest is first."""
        self._inside: dict[Member, list[str]] = {}
        self._pace = Pace(self.limits)

    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        """Carry out one command. Exactly one effect is a `Reply`; for `typing` there is none."""
        try:
            self._pace.check(member, now_ms)
            row = TRANSITIONS[self._presence(member, command), type(command)]
            effects = row.act(self, member, command, now_ms)
        except RefusedError as refusal:
            if isinstance(command, commands.Typing):
                return []
            return [Reply(events.Refused(command.id, refusal.code, str(refusal)))]
        if self.limits.commands_per_s is not None:
            self._pace.charge(member, entries_in(effects))
        return effects

    def refuse(self, member: Member, refusal: events.Refused, now_ms: int) -> list[Effect]:
        """Answer input that is not a command. It takes a token, as a command does."""
        try:
            self._pace.check(member, now_ms)
        except RefusedError as too_fast:
            refusal = events.Refused(refusal.id, too_fast.code, str(too_fast))
        return [Reply(refusal)]

    def gone(self, member: Member, why: Why) -> list[Effect]:
        """Remove a member whose connection has ended from all its rooms."""
        self._pace.forget(member)
        effects: list[Effect] = []
        for room in self._inside.pop(member, []):
            effects += self._depart(member, room, why)
        return effects

    def is_inside(self, member: Member) -> bool:
        """Whether the member is in a room."""
        return bool(self._inside.get(member))

    def state(self) -> State:
        """All that decides what the next commands do, except the log and the pace."""
        rooms = [
            RoomState(name, room.epoch, room.seq, list(room.names.items()))
            for name, room in self._rooms.items()
        ]
        inside = [(int(member), list(rooms)) for member, rooms in self._inside.items() if rooms]
        return State(self._lives, rooms, list(self._empty), inside)

    def restore(self, state: State) -> None:
        """Take over the state of other rooms. These are new, and have the log of the others."""
        self._lives = state.lives
        for name, epoch, seq, members in map(astuple, state.rooms):
            room = self._rooms[name] = _Room(epoch, seq)
            room.names.update((Member(number), member) for number, member in members)
            room.taken.update(room.names.values())
        self._names = sorted(self._rooms)
        self._empty = dict.fromkeys(state.empty)
        self._inside = {Member(member): rooms for member, rooms in state.inside}

    # One method for each row of the table.

    def _join(self, member: Member, command: commands.Join, _now_ms: int) -> list[Effect]:
        check_names(self.limits, command)
        inside = self._inside.get(member, [])
        if len(inside) >= self.limits.rooms_per_connection:
            raise RefusedError("too_many_rooms", f"at most {self.limits.rooms_per_connection}")
        room = self._open(command)
        room.names[member] = command.name
        room.taken.add(command.name)
        self._empty.pop(command.room, None)
        self._inside[member] = [*inside, command.room]
        arrived = events.Arrived(command.room, command.name, self._next_seq(room))
        self._log.append(arrived)
        return [Broadcast(command.room, arrived), *self._welcome(command, room)]

    def _welcome(self, command: commands.Join, room: _Room) -> list[Effect]:
        """The reply, then the missed events, and only then the broadcasts of the room."""
        missed, truncated = self._missed(command, room)
        joined = events.Joined(
            id=command.id,
            room=command.room,
            name=command.name,
            members=list(room.names.values()),
            seq=room.seq,
            truncated=truncated,
            epoch=room.epoch,
        )
        replay: list[Effect] = [Deliver(missed)] if missed else []
        return [Reply(joined), *replay, Enter(command.room)]

    def _missed(self, command: commands.Join, room: _Room) -> tuple[tuple[LoggedEvent, ...], bool]:
        """The events to replay, and whether some missed events are no longer in the log."""
        if command.after is None:
            return (), False
        if command.epoch not in (None, room.epoch):
            return self._log.since(command.room, 0).events, True
        missed, truncated = self._log.since(command.room, command.after)
        # No client can have seen this arrival yet. A client that claims so speaks of an earlier
        # life of the room, and this log does not know what it missed then.
        return missed, truncated or command.after >= room.seq

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
        most = min(command.limit or self.limits.page_rooms, self.limits.page_rooms)
        start = 0 if command.after is None else bisect_right(self._names, command.after)
        rooms = [
            events.RoomSummary(name, len(self._rooms[name].names), self._rooms[name].seq)
            for name in self._names[start : start + most]
        ]
        more = len(self._names) > start + most
        return [Reply(events.Listing(command.id, rooms, more))]

    def _not_inside(self, _member: Member, command: Any, _now_ms: int) -> list[Effect]:
        raise RefusedError("not_in_room", f"join {command.room[: self.limits.room_chars]!r} first")

    def _already_inside(self, member: Member, command: commands.Join, _now_ms: int) -> list[Effect]:
        name = self._rooms[command.room].names[member]
        raise RefusedError("already_in_room", f"you are in {command.room!r} as {name!r}")

    # Helpers of these methods.

    def _presence(self, member: Member, command: Command) -> Presence:
        room = self._rooms.get(getattr(command, "room", ""))
        return Presence.INSIDE if room is not None and member in room.names else Presence.OUTSIDE

    def _depart(self, member: Member, room_name: str, why: Why) -> list[Effect]:
        room = self._rooms[room_name]
        name = room.names.pop(member)
        room.taken.remove(name)
        if not room.names:
            self._empty[room_name] = None
        departed = events.Departed(room_name, name, self._next_seq(room), why)
        self._log.append(departed)
        return [Exit(room_name), Broadcast(room_name, departed)]

    def _open(self, command: commands.Join) -> _Room:
        """The room to join; a new one if there is none. Raises RefusedError if it is full."""
        room = self._rooms.get(command.room)
        if room is None:
            self._make_way()
            room = self._rooms[command.room] = self._begin(command.room)
            insort(self._names, command.room)
        if command.name in room.taken:
            raise RefusedError("name_taken", f"somebody is {command.name!r} in {command.room!r}")
        if len(room.names) >= self.limits.members_per_room:
            raise RefusedError("room_full", f"at most {self.limits.members_per_room} members")
        return room

    def _begin(self, room_name: str) -> _Room:
        """Begin a new life of a room."""
        self._lives += 1
        return _Room(f"{self._life}.{self._lives}", self._log.last_seq(room_name))

    def _make_way(self) -> None:
        """If there is no space for another room, forget the one that has been empty longest."""
        if len(self._rooms) < self.limits.rooms:
            return
        empty = next(iter(self._empty), None)
        if empty is None:
            raise RefusedError("server_full", f"at most {self.limits.rooms} rooms")
        del self._rooms[empty], self._empty[empty]
        del self._names[bisect_left(self._names, empty)]
        self._log.forget(empty)

    def _next_seq(self, room: _Room) -> int:
        room.seq += 1
        return room.seq


def entries_in(effects: list[Effect]) -> int:
    """How many entries a reply and its replay hold. Their cost depends on it."""
    return sum(map(_entries, effects))


def _entries(effect: Effect) -> int:
    match effect:
        case Deliver(missed):
            return len(missed)
        case Reply(events.Page(events=page)):
            return len(page)
        case Reply(events.Listing(rooms=rooms)):
            return len(rooms)
        case Reply(events.Joined(members=members)):
            return len(members)
    return 0


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
"""(presence, command) -> what happens. `rooms` names no room, so it counts as outside."""


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
