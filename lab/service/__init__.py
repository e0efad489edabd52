"""Applies commands to the room and routes the effects to the outlets. The only shell around it.

All calls are synchronous and never re-entered. In the middle of a broadcast, an outlet may find
that a connection is too slow, and calls `detach` at once. The service carries out that departure
after the broadcast. So all members see the same order.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable

from lab.chat import effects, events
from lab.chat.commands import Command
from lab.chat.effects import Effect, Member
from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Outlet


def new_rooms(limits: Limits | None = None) -> Rooms:
    """Rooms for a server, with epochs that no other server uses."""
    return Rooms(limits, life=secrets.token_hex(8))


def wall_clock_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class ChatService:
    """One set of rooms, shared by all transports that run in this process."""

    def __init__(
        self, rooms: Rooms | None = None, clock: Callable[[], int] = wall_clock_ms
    ) -> None:
        self._rooms = rooms or new_rooms()
        self._clock = clock
        self._numbers = itertools.count(1)
        self._outlets: dict[Member, Outlet] = {}
        # How many members each outlet has in each room: a broadcast goes only to outlets with
        # members.
        self._present: dict[str, dict[Outlet, int]] = {}
        self._todo: deque[Callable[[], None]] = deque()
        self._routing = False

    @property
    def limits(self) -> Limits:
        """See `contract.Chat`."""
        return self._rooms.limits

    def attach(self, outlet: Outlet) -> Member:
        """See `contract.Chat`."""
        member = Member(next(self._numbers))
        self._outlets[member] = outlet
        return member

    def receive(
        self, member: Member, command: Command, reply: Callable[[events.Reply], None]
    ) -> None:
        """See `contract.Chat`."""
        self._in_turn(lambda: self._apply(member, command, reply))

    def refuse(
        self, member: Member, refusal: events.Refused, reply: Callable[[events.Reply], None]
    ) -> None:
        """See `contract.Chat`."""
        self._in_turn(lambda: self._refuse(member, refusal, reply))

    def detach(self, member: Member, why: Why) -> None:
        """See `contract.Chat`."""
        self._in_turn(lambda: self._remove(member, why))

    def _in_turn(self, job: Callable[[], None]) -> None:
        self._todo.append(job)
        if self._routing:
            return
        self._routing = True
        try:
            while self._todo:
                self._todo.popleft()()
        finally:
            self._routing = False

    def _apply(
        self, member: Member, command: Command, reply: Callable[[events.Reply], None]
    ) -> None:
        if member in self._outlets:
            for effect in self._rooms.apply(member, command, self._clock()):
                self._route(member, effect, reply)

    def _refuse(
        self, member: Member, refusal: events.Refused, reply: Callable[[events.Reply], None]
    ) -> None:
        if member in self._outlets:
            for effect in self._rooms.refuse(member, refusal, self._clock()):
                self._route(member, effect, reply)

    def _remove(self, member: Member, why: Why) -> None:
        if member not in self._outlets:
            return
        for effect in self._rooms.gone(member, why):
            self._route(member, effect, no_reply)
        del self._outlets[member]

    def _route(self, member: Member, effect: Effect, reply: Callable[[events.Reply], None]) -> None:
        match effect:
            case effects.Reply(event):
                reply(event)
            case effects.Broadcast(room, event, skip):
                for outlet in self._present.get(room, ()):
                    outlet.broadcast(room, event, skip)
            case effects.Deliver(missed):
                self._outlets[member].deliver(member, missed)
            case effects.Enter(room):
                self._enter(member, room)
            case effects.Exit(room):
                self._exit(member, room)

    def _enter(self, member: Member, room: str) -> None:
        outlet = self._outlets[member]
        present = self._present.setdefault(room, {})
        present[outlet] = present.get(outlet, 0) + 1
        outlet.enter(member, room)

    def _exit(self, member: Member, room: str) -> None:
        outlet = self._outlets[member]
        present = self._present[room]
        present[outlet] -= 1
        if present[outlet] == 0:
            del present[outlet]
        if not present:
            del self._present[room]
        outlet.exit(member, room)


def no_reply(_event: events.Reply) -> None:
    """Where no reply can come: after the end of a connection."""
    raise AssertionError("the room answers commands only")
