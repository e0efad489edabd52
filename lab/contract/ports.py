"""Both sides of a wire's server: the chat that it is given, the outlet that it offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Reply, RoomEvent, Why
from lab.chat.limits import Limits
from lab.contract.options import Address


class Outlet(Protocol):
    """Where a running transport takes the effects of the room: one per server.

    All calls are synchronous, on the server's event loop, in the order in which members must
    see them. A broadcast is encoded once, however many members it has. None of the calls may raise:
    what is sent to a connection that has just ended is dropped, and `detach` says why it ended.
    """

    def enter(self, member: Member, room: str) -> None:
        """From now on `member` gets the broadcasts of `room`."""

    def exit(self, member: Member, room: str) -> None:
        """From now on it no longer does."""

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """Send `event` to every member in `room` but `skip`."""

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """Send `missed` to `member` alone."""


class Chat(Protocol):
    """What a wire's server calls."""

    @property
    def limits(self) -> Limits:
        """The bounds that the wire has to keep: `frame_bytes`, `queue_bytes`."""

    def attach(self, outlet: Outlet) -> Member:
        """A connection opened."""

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        """A command came in.

        `reply` is called once, before the call returns, in order with the effects; not at all for
        `typing`.
        """

    def detach(self, member: Member, why: Why) -> None:
        """The connection ended. Later calls for `member` change nothing."""


class Server(Protocol):
    """A running server of one wire."""

    @property
    def address(self) -> Address:
        """Where it listens."""

    def sessions(self) -> int:
        """How many connections it still holds state for."""
