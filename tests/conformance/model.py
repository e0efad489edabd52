"""The model for transports: the pure room in the smallest shell that carries out its effects.

The shell has no transport: it appends each event to the list of its member.
"""

from __future__ import annotations

import itertools

from lab.chat.commands import Command
from lab.chat.effects import Broadcast, Deliver, Effect, Enter, Exit, Member, Reply
from lab.chat.events import Reply as ReplyEvent
from lab.chat.events import RoomEvent, Why
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms


class Model:
    """The room, and the events that each member has seen."""

    def __init__(self, limits: Limits) -> None:
        self.rooms = Rooms(limits)
        self.seen: dict[Member, list[RoomEvent]] = {}
        self._present: dict[str, list[Member]] = {}
        self._numbers = itertools.count(1)

    def connect(self) -> Member:
        """A new connection."""
        member = Member(next(self._numbers))
        self.seen[member] = []
        return member

    def apply(self, member: Member, command: Command, now_ms: int) -> ReplyEvent | None:
        """Carry out one command; returns its reply."""
        return self._carry_out(member, self.rooms.apply(member, command, now_ms))

    def gone(self, member: Member, why: Why) -> None:
        """End the connection of this member."""
        self._carry_out(member, self.rooms.gone(member, why))

    def _carry_out(self, member: Member, effects: list[Effect]) -> ReplyEvent | None:
        reply = None
        for effect in effects:
            match effect:
                case Reply(event):
                    reply = event
                case Deliver(events):
                    self.seen[member] += events
                case Enter(room):
                    self._present.setdefault(room, []).append(member)
                case Exit(room):
                    self._present[room].remove(member)
                case Broadcast(room, event, skip):
                    for other in self._present.get(room, ()):
                        if other != skip:
                            self.seen[other].append(event)
        return reply
