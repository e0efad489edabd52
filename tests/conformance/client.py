"""Clients of the conformance tests, a member inside the server's process, and bounded waiting.

Nothing here sleeps for a fixed time. A test waits for a condition, for `PATIENCE_S` at most. This
bound is long because a machine may be busy. It says nothing about speed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from lab.chat.commands import Join, Say
from lab.chat.effects import Member
from lab.chat.events import (
    Code,
    Departed,
    Joined,
    Left,
    Listing,
    LoggedEvent,
    Message,
    Page,
    Refused,
    Reply,
    RoomEvent,
    Said,
    Why,
)
from lab.contract import Connection
from lab.service import ChatService

PATIENCE_S = 60

Kind = TypeVar("Kind", bound=Reply)


async def eventually(
    condition: Callable[[], bool], what: str, state: Callable[[], str] = lambda: ""
) -> None:
    """Wait until `condition` holds. If it never does, fail with `what` and the `state`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"not within {PATIENCE_S} s: {what} {state()}") from None


class RoomClient:
    """A connected client. It checks the kind of each reply and keeps every event."""

    connection: Connection

    def __init__(self) -> None:
        self.events: list[RoomEvent] = []
        self._read = 0

    async def joined(
        self, room: str, name: str, after: int | None = None, epoch: str | None = None
    ) -> Joined:
        """Join; the reply must be `Joined`."""
        return _expect(Joined, await in_time(self.connection.join(room, name, after, epoch)))

    async def left(self, room: str) -> Left:
        """Leave; the reply must be `Left`."""
        return _expect(Left, await in_time(self.connection.leave(room)))

    async def said(self, room: str, text: str, key: str | None = None) -> Said:
        """Say a text; the reply must be `Said`."""
        return _expect(Said, await in_time(self.connection.say(room, text, key)))

    async def page(self, room: str, limit: int, before: int | None = None) -> list[LoggedEvent]:
        """Read a page of the room's history."""
        reply = await in_time(self.connection.history(room, limit, before))
        return _expect(Page, reply).events

    async def listing(self) -> dict[str, tuple[int, int]]:
        """List the rooms: name -> (members, newest seq)."""
        listing = await self.rooms()
        return {room.room: (room.members, room.seq) for room in listing.rooms}

    async def rooms(self, after: str | None = None, limit: int | None = None) -> Listing:
        """List one page of the rooms."""
        return _expect(Listing, await in_time(self.connection.rooms(after, limit)))

    async def refused(self, code: Code, asking: Awaitable[Reply]) -> Refused:
        """Await a reply; it must be a refusal with `code`."""
        refusal = _expect(Refused, await in_time(asking))
        assert refusal.code == code, refusal
        assert refusal.reason
        return refusal

    async def sees(self, *expected: RoomEvent) -> None:
        """Check that the next unread events are these."""
        for event in expected:
            assert await self.next() == event

    async def next(self) -> RoomEvent:
        """The next unread event, as soon as it has arrived."""
        await self.has(self._read + 1)
        self._read += 1
        return self.events[self._read - 1]

    async def has(self, count: int) -> None:
        """Wait until `count` events have arrived."""
        if len(self.events) < count:
            await self._until(lambda: len(self.events) >= count, f"{count} events arrived")

    async def has_logged(self, count: int) -> None:
        """Wait until `count` events with a `seq` have arrived."""
        await self._until(lambda: len(self.logged) >= count, f"{count} numbered events arrived")

    async def has_messages(self, count: int) -> None:
        """Wait until `count` messages have arrived."""
        await self._until(lambda: len(self.messages) >= count, f"{count} messages arrived")

    async def sees_no_more(self) -> None:
        """Check that no event arrives before the reply to a command sent now."""
        await self.listing()
        assert self.events[self._read :] == []

    def departed(self, name: str) -> Why | None:
        """The reason of the last departure of `name` that this client saw, or None."""
        seen = [e for e in self.events if isinstance(e, Departed) and e.name == name]
        return seen[-1].why if seen else None

    async def sees_departed(self, name: str) -> Why:
        """Wait until `name` has departed. Returns the reason."""
        await self._until(lambda: self.departed(name) is not None, f"{name} departed")
        why = self.departed(name)
        assert why is not None
        return why

    async def ended(self) -> str:
        """Wait until the connection has ended. Returns the transport's text for the reason."""
        why: str = await in_time(asyncio.shield(self.connection.closed))
        return why

    async def burst(self, room: str, texts: Iterable[str]) -> None:
        """Say all texts without awaiting replies. Returns when the server has them."""
        for text in texts:
            await self.connection.send(Say(self.connection.next_id(), room, text))
        await self.listing()

    async def close(self) -> None:
        """Close the connection."""
        await in_time(self.connection.close())

    @property
    def messages(self) -> list[Message]:
        """The messages that this client has received."""
        return [event for event in self.events if isinstance(event, Message)]

    @property
    def logged(self) -> list[LoggedEvent]:
        """The events with a `seq` that this client has received."""
        return [event for event in self.events if isinstance(event, LoggedEvent)]

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        await eventually(condition, what, self._state)

    def _state(self) -> str:
        state = self.connection.closed
        open_or_not = f"closed ({state.result()})" if state.done() else "open"
        return f"({len(self.events)} so far, connection {open_or_not}, last {self.events[-3:]})"


class Insider:
    """A member in the server's own process. All its texts leave in one turn of the event loop."""

    def __init__(self, chat: ChatService, room: str, name: str) -> None:
        self.replies: list[Reply] = []
        self._chat = chat
        self._room = room
        self._member = chat.attach(self)
        chat.receive(self._member, Join(0, room, name), self.replies.append)

    def say(self, text: str) -> None:
        """Say a text at once."""
        command = Say(len(self.replies), self._room, text)
        self._chat.receive(self._member, command, self.replies.append)

    def enter(self, member: Member, room: str) -> None:
        """Do nothing: this member only speaks."""

    def exit(self, member: Member, room: str) -> None:
        """Do nothing: this member only speaks."""

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """Do nothing: this member only speaks."""

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """Do nothing: this member only speaks."""


async def in_time(asking: Awaitable[Any]) -> Any:
    """The result. Fails if it does not arrive within `PATIENCE_S`."""
    try:
        async with asyncio.timeout(PATIENCE_S) as patience:
            return await asking
    except TimeoutError:
        if not patience.expired():
            raise  # the awaited code timed out by itself: that is its result
        raise AssertionError(f"no answer in {PATIENCE_S} s") from None


def _expect(kind: type[Kind], reply: Reply) -> Kind:
    assert isinstance(reply, kind), reply
    return reply
