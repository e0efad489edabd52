"""The two interfaces of a transport's server: the chat to call, the outlet to offer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Refused, Reply, RoomEvent, Why
from lab.chat.limits import Limits
from lab.contract.options import Address


class Outlet(Protocol):
    """Receives the effects of the room for one running server.

    All calls are synchronous, on the server's event loop, in the order in which members must see
    them. A broadcast is encoded once, however many members it has. No call may raise. An event for
    a connection that has just ended is dropped; `detach` reports why it ended.
    """

    def enter(self, member: Member, room: str) -> None:
        """Let `member` receive the broadcasts of `room` from now on."""

    def exit(self, member: Member, room: str) -> None:
        """Stop that."""

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """Send `event` to every member in `room` except `skip`."""

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """Send `missed` to `member` alone."""


class Chat(Protocol):
    """What a transport's server calls."""

    @property
    def limits(self) -> Limits:
        """The bounds that the transport must keep: `frame_bytes`, `queue_bytes`."""

    def attach(self, outlet: Outlet) -> Member:
        """Add a connection that has opened."""

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        """Carry out a command that has arrived.

        Calls `reply` once, in order with the effects: before it returns, or in a later turn of the
        event loop if a journal has to keep the command first, unless the connection has ended by
        then. For `typing` it calls it not at all.
        """

    def refuse(self, member: Member, refusal: Refused, reply: Callable[[Reply], None]) -> None:
        """Answer input that is not a command with `refusal`, or with `too_fast`.

        It takes a token of the member's pace, as a command does. Calls `reply` once, as `receive`
        does.
        """

    def detach(self, member: Member, why: Why) -> None:
        """Remove a connection that has ended. Later calls for `member` change nothing."""


class Server(Protocol):
    """A running server of one transport."""

    @property
    def address(self) -> Address:
        """The address at which it listens."""

    def sessions(self) -> int:
        """How many connections it holds state for."""
