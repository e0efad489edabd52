"""A shell in memory: carries out the room's effects and keeps what every member has seen."""

from __future__ import annotations

from collections import defaultdict

from lab.chat import commands, effects
from lab.chat.commands import Command
from lab.chat.effects import Effect, Member
from lab.chat.events import Event, Refused, Reply, RoomEvent, Why
from lab.chat.rooms import Rooms


class Shell:
    """Does what a transport's server would do with the effects, and checks what every transport
    relies on.
    """

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.inside: dict[str, list[Member]] = defaultdict(list)
        # Everything that a member got, in order: `tape` with its replies, `seen` without.
        self.tape: dict[Member, list[Event]] = defaultdict(list)
        self.seen: dict[Member, list[RoomEvent]] = defaultdict(list)

    def do(self, member: Member, command: Command, now_ms: int = 0) -> Reply | None:
        """One command; asserts that it gets exactly one reply with its id, and `typing` none."""
        replies: list[Reply] = []
        for effect in self.rooms.apply(member, command, now_ms):
            self._carry_out(member, effect, replies)
        assert [reply.id for reply in replies] == (
            [] if isinstance(command, commands.Typing) else [command.id]
        )
        return replies[0] if replies else None

    def refuse(self, member: Member, refusal: Refused, now_ms: int = 0) -> Refused:
        """Something that is no command; asserts that it gets exactly one refusal with its id."""
        (effect,) = self.rooms.refuse(member, refusal, now_ms)
        assert isinstance(effect, effects.Reply)
        assert isinstance(effect.event, Refused)
        assert effect.event.id == refusal.id
        return effect.event

    def gone(self, member: Member, why: Why = "closed") -> None:
        """The member's connection ended."""
        replies: list[Reply] = []
        for effect in self.rooms.gone(member, why):
            self._carry_out(member, effect, replies)
        assert not replies

    def _carry_out(self, member: Member, effect: Effect, replies: list[Reply]) -> None:
        match effect:
            case effects.Reply(event):
                replies.append(event)
                self.tape[member].append(event)
            case effects.Deliver(missed):
                assert replies, "a replay comes after the reply"
                for event in missed:
                    self._give(member, event)
            case effects.Broadcast(room, event, skip):
                for other in self.inside[room]:
                    if other != skip:
                        self._give(other, event)
            case effects.Enter(room):
                assert member not in self.inside[room]
                self.inside[room].append(member)
            case effects.Exit(room):
                self.inside[room].remove(member)

    def _give(self, member: Member, event: RoomEvent) -> None:
        self.tape[member].append(event)
        self.seen[member].append(event)
