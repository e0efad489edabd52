"""A slowdown of known size, planted into `lab serve`: to see whether `lab bench` finds it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Reply, RoomEvent, Why
from lab.chat.limits import Limits
from lab.contract import Chat, Outlet


def burn(ns: int) -> None:
    """Use at least so much CPU time of this thread."""
    end_ns = time.thread_time_ns() + ns
    while time.thread_time_ns() < end_ns:
        pass


class SlowedChat:
    """A `Chat` whose every delivery costs the server `ns_per_delivery` more CPU."""

    def __init__(self, chat: Chat, ns_per_delivery: int) -> None:
        self._chat = chat
        self._ns_per_delivery = ns_per_delivery
        self._slowed: dict[Outlet, SlowedOutlet] = {}

    @property
    def limits(self) -> Limits:
        """See `contract.Chat`."""
        return self._chat.limits

    def attach(self, outlet: Outlet) -> Member:
        """See `contract.Chat`. The room tells outlets apart: each has one stand-in for good."""
        if outlet not in self._slowed:
            self._slowed[outlet] = SlowedOutlet(outlet, self._ns_per_delivery)
        return self._chat.attach(self._slowed[outlet])

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        """See `contract.Chat`."""
        self._chat.receive(member, command, reply)

    def detach(self, member: Member, why: Why) -> None:
        """See `contract.Chat`."""
        self._chat.detach(member, why)


class SlowedOutlet:
    """An `Outlet` that does as the one behind it, and then burns CPU for each delivery."""

    def __init__(self, outlet: Outlet, ns_per_delivery: int) -> None:
        self._outlet = outlet
        self._ns_per_delivery = ns_per_delivery
        self._rooms: defaultdict[str, set[Member]] = defaultdict(set)

    def enter(self, member: Member, room: str) -> None:
        """See `contract.Outlet`."""
        self._rooms[room].add(member)
        self._outlet.enter(member, room)

    def exit(self, member: Member, room: str) -> None:
        """See `contract.Outlet`."""
        self._rooms[room].discard(member)
        if not self._rooms[room]:
            del self._rooms[room]
        self._outlet.exit(member, room)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """See `contract.Outlet`."""
        self._outlet.broadcast(room, event, skip)
        members = self._rooms.get(room, set())
        burn(self._ns_per_delivery * (len(members) - (skip in members)))

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """See `contract.Outlet`."""
        self._outlet.deliver(member, missed)
        burn(self._ns_per_delivery * len(missed))
