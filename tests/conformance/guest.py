"""Who comes to a stage: guests over a wire, an insider in the server's process, and their patience.

Nothing here sleeps for a fixed time: a test waits for a condition, as long as `PATIENCE_S` at most,
which is there for a loaded machine and says nothing about speed.
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

PATIENCE_S = 30

Kind = TypeVar("Kind", bound=Reply)


async def eventually(
    condition: Callable[[], bool], what: str, state: Callable[[], str] = lambda: ""
) -> None:
    """Wait until `condition` holds; where it never does fail, saying `what` and how it stands."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"in {PATIENCE_S} s it never came that {what} {state()}") from None


class Guest:
    """Somebody who is connected: asks, insists on the kind of answer, and remembers every event."""

    connection: Connection

    def __init__(self) -> None:
        self.events: list[RoomEvent] = []
        self._read = 0

    async def joined(self, room: str, name: str, after: int | None = None) -> Joined:
        """Join, and be let in."""
        return _expect(Joined, await in_time(self.connection.join(room, name, after)))

    async def left(self, room: str) -> Left:
        """Leave, and be let out."""
        return _expect(Left, await in_time(self.connection.leave(room)))

    async def said(self, room: str, text: str, key: str | None = None) -> Said:
        """Say something, and be heard."""
        return _expect(Said, await in_time(self.connection.say(room, text, key)))

    async def page(self, room: str, limit: int, before: int | None = None) -> list[LoggedEvent]:
        """Read back in the room."""
        reply = await in_time(self.connection.history(room, limit, before))
        return _expect(Page, reply).events

    async def listing(self) -> dict[str, tuple[int, int]]:
        """Ask for the rooms: name -> (members, newest seq)."""
        reply = _expect(Listing, await in_time(self.connection.rooms()))
        return {room.room: (room.members, room.seq) for room in reply.rooms}

    async def refused(self, code: Code, asking: Awaitable[Reply]) -> Refused:
        """Ask for something, and be refused with `code`."""
        refusal = _expect(Refused, await in_time(asking))
        assert refusal.code == code, refusal
        assert refusal.reason
        return refusal

    async def sees(self, *expected: RoomEvent) -> None:
        """The next events, that no earlier call has named, are these."""
        for event in expected:
            assert await self.next() == event

    async def next(self) -> RoomEvent:
        """The next event, as soon as it is there."""
        await self.has(self._read + 1)
        self._read += 1
        return self.events[self._read - 1]

    async def has(self, count: int) -> None:
        """Wait until there have been `count` events."""
        if len(self.events) < count:
            await self._until(lambda: len(self.events) >= count, f"{count} events arrived")

    async def has_logged(self, count: int) -> None:
        """Wait until there have been `count` events that have a `seq`."""
        await self._until(lambda: len(self.logged) >= count, f"{count} numbered events arrived")

    async def has_messages(self, count: int) -> None:
        """Wait until there have been `count` messages."""
        await self._until(lambda: len(self.messages) >= count, f"{count} messages arrived")

    async def sees_no_more(self) -> None:
        """Nothing else has come when the answer to a question asked now is there."""
        await self.listing()
        assert self.events[self._read :] == []

    def departed(self, name: str) -> Why | None:
        """Why `name` has departed, as this guest last saw it; None where it has not."""
        seen = [e for e in self.events if isinstance(e, Departed) and e.name == name]
        return seen[-1].why if seen else None

    async def sees_departed(self, name: str) -> Why:
        """Wait until `name` has departed; returns why."""
        await self._until(lambda: self.departed(name) is not None, f"{name} departed")
        why = self.departed(name)
        assert why is not None
        return why

    async def ended(self) -> str:
        """Wait until the connection has ended; returns the wire's words for why."""
        why: str = await in_time(asyncio.shield(self.connection.closed))
        return why

    async def burst(self, room: str, texts: Iterable[str]) -> None:
        """Say all of the texts at once, awaiting no reply; returns when the server has them."""
        for text in texts:
            await self.connection.send(Say(self.connection.next_id(), room, text))
        await self.listing()

    async def close(self) -> None:
        """Say goodbye."""
        await in_time(self.connection.close())

    @property
    def messages(self) -> list[Message]:
        """What has been said, as this guest saw it."""
        return [event for event in self.events if isinstance(event, Message)]

    @property
    def logged(self) -> list[LoggedEvent]:
        """Everything that has a `seq`, as this guest saw it."""
        return [event for event in self.events if isinstance(event, LoggedEvent)]

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        await eventually(condition, what, self._state)

    def _state(self) -> str:
        state = self.connection.closed
        open_or_not = f"closed ({state.result()})" if state.done() else "open"
        return f"({len(self.events)} so far, connection {open_or_not}, last {self.events[-3:]})"


class Insider:
    """A member in the server's own process: all that it says goes out in one turn of the loop."""

    def __init__(self, chat: ChatService, room: str, name: str) -> None:
        self.replies: list[Reply] = []
        self._chat = chat
        self._room = room
        self._member = chat.attach(self)
        chat.receive(self._member, Join(0, room, name), self.replies.append)

    def say(self, text: str) -> None:
        """Post a text, at once."""
        command = Say(len(self.replies), self._room, text)
        self._chat.receive(self._member, command, self.replies.append)

    def enter(self, member: Member, room: str) -> None:
        """It is not listening."""

    def exit(self, member: Member, room: str) -> None:
        """It is not listening."""

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """It is not listening."""

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """It is not listening."""


async def in_time(asking: Awaitable[Any]) -> Any:
    """The answer; fails where it doesn't come."""
    try:
        async with asyncio.timeout(PATIENCE_S) as patience:
            return await asking
    except TimeoutError:
        if not patience.expired():
            raise  # a timeout of whoever was asked: that is an answer
        raise AssertionError(f"no answer in {PATIENCE_S} s") from None


def _expect(kind: type[Kind], reply: Reply) -> Kind:
    assert isinstance(reply, kind), reply
    return reply
