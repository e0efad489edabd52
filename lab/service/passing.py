"""Chats that stand before another one: they pass everything on, and see what goes through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Refused, Reply, RoomEvent, Why
from lab.chat.limits import Limits
from lab.contract import Chat, Outlet


class PassingChat:
    """A `contract.Chat` that passes everything on to another one."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    @property
    def limits(self) -> Limits:
        """See `contract.Chat`."""
        return self._chat.limits

    def attach(self, outlet: Outlet) -> Member:
        """See `contract.Chat`."""
        return self._chat.attach(outlet)

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        """See `contract.Chat`."""
        self._chat.receive(member, command, reply)

    def refuse(self, member: Member, refusal: Refused, reply: Callable[[Reply], None]) -> None:
        """See `contract.Chat`."""
        self._chat.refuse(member, refusal, reply)

    def detach(self, member: Member, why: Why) -> None:
        """See `contract.Chat`."""
        self._chat.detach(member, why)


class DeliveringChat(PassingChat):
    """Sees each delivery: an event that is no reply, to one member."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat)
        self._outlets: dict[Outlet, _DeliveringOutlet] = {}

    @property
    def members(self) -> int:
        """How many memberships there are now."""
        return sum(sum(map(len, it.members.values())) for it in self._outlets.values())

    def attach(self, outlet: Outlet) -> Member:
        """See `contract.Chat`. The room tells outlets apart, so each has one fixed wrapper."""
        if outlet not in self._outlets:
            self._outlets[outlet] = _DeliveringOutlet(outlet, self.delivered)
        return super().attach(self._outlets[outlet])

    def delivered(self, count: int) -> None:
        """So many deliveries have just been passed on: one event to three members is three."""


class _DeliveringOutlet:
    """An outlet that passes calls on to another one, and says how many deliveries each was."""

    def __init__(self, outlet: Outlet, delivered: Callable[[int], None]) -> None:
        self._outlet = outlet
        self._delivered = delivered
        self.members: dict[str, set[Member]] = {}

    def enter(self, member: Member, room: str) -> None:
        """See `contract.Outlet`."""
        self.members.setdefault(room, set()).add(member)
        self._outlet.enter(member, room)

    def exit(self, member: Member, room: str) -> None:
        """See `contract.Outlet`."""
        self.members[room].discard(member)
        if not self.members[room]:
            del self.members[room]
        self._outlet.exit(member, room)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """See `contract.Outlet`."""
        self._outlet.broadcast(room, event, skip)
        here = self.members.get(room, ())
        self._delivered(len(here) - (skip in here))

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """See `contract.Outlet`."""
        self._outlet.deliver(member, missed)
        self._delivered(len(missed))
