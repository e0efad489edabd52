"""What the conformance tests are written in: a stage (one running server) and its guests.

    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")

Nothing here sleeps for a fixed time: a test waits for a condition, as long as `PATIENCE_S` at most,
which is there for a loaded machine and says nothing about speed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
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
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import (
    Connection,
    ConnectOptions,
    Heartbeat,
    ServeOptions,
    Server,
    Settings,
    Transport,
)
from lab.service import ChatService, wall_clock_ms
from lab.wire.relay import Relay

PATIENCE_S = 20
QUICK = Heartbeat(interval_s=1, timeout_s=1)
"""The shortest heartbeat that every wire can keep: Engine.IO counts in whole seconds."""

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


class Stage:
    """One running server, the guests that came to it, and the lines that can be bent."""

    def __init__(self, wire: Transport, chat: ChatService, settings: Settings) -> None:
        self.wire = wire
        self.chat = chat
        self._settings = settings
        self.server: Server
        self.guests: list[Guest] = []
        self.lines: list[Relay] = []
        self._running = AsyncExitStack()
        self._relaying = AsyncExitStack()

    async def open(self, options: ServeOptions) -> None:
        """Start the server."""
        self.server = await self._running.enter_async_context(self.wire.serve(self.chat, options))

    async def connect(
        self, line: Relay | None = None, headers: Mapping[str, str] | None = None
    ) -> Guest:
        """Let somebody in, over `line` where one is given."""
        guest = Guest()
        url = self.server.address.url if line is None else self._through(line)
        options = ConnectOptions(self._settings, headers=headers or {}, timeout_s=PATIENCE_S)
        guest.connection = await self.wire.connect(url, guest.events.append, options)
        self.guests.append(guest)
        return guest

    async def connect_all(self, count: int) -> list[Guest]:
        """Let `count` in, all at once."""
        return list(await asyncio.gather(*(self.connect() for _ in range(count))))

    async def line(self, **options: Any) -> Relay:
        """A line to the server that can be tapped, stalled and cut."""
        address = self.server.address
        relay = Relay(address.host, address.port, **options)
        self.lines.append(await self._relaying.enter_async_context(relay))
        return relay

    def resume_lines(self) -> None:
        """Let every stalled line go again."""
        for line in self.lines:
            line.resume()

    async def empty(self) -> None:
        """Wait until the server holds no connection any more."""
        await self.holds(0)

    async def holds(self, count: int) -> None:
        """Wait until the server holds `count` connections."""
        sessions = self.server.sessions
        await eventually(lambda: sessions() == count, f"the server held {count} connections")

    async def shut(self) -> None:
        """Leave `serve()`."""
        await self._running.aclose()

    async def close(self) -> None:
        """Send everybody home, then shut."""
        self.resume_lines()
        try:
            await asyncio.gather(*(guest.close() for guest in self.guests))
        finally:
            await self.shut()
            await self._relaying.aclose()

    def _through(self, line: Relay) -> str:
        address = self.server.address
        return address.url.replace(f":{address.port}", f":{line.port}")


@asynccontextmanager
async def stage(
    wire: Transport,
    *,
    settings: Settings = "equal",
    limits: Limits | None = None,
    heartbeat: Heartbeat | None = None,
    origins: tuple[str, ...] | None = None,
    clock: Callable[[], int] = wall_clock_ms,
    chat: ChatService | None = None,
) -> AsyncIterator[Stage]:
    """Run a server of `wire`, on rooms of its own or on those of `chat`.

    Fails on leaving where anything went wrong in the background that nobody was told of.
    """
    s = Stage(wire, chat or ChatService(Rooms(limits), clock), settings)
    options = ServeOptions(settings=settings, heartbeat=heartbeat or Heartbeat(), origins=origins)
    with nothing_uncaught():
        await s.open(options)
        try:
            yield s
        finally:
            await s.close()


@contextmanager
def nothing_uncaught() -> Iterator[None]:
    """Fail where the event loop had to report an error that nobody caught."""
    loop = asyncio.get_running_loop()
    uncaught: list[dict[str, Any]] = []
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, context: uncaught.append(context))
    try:
        yield
    except BaseException as error:
        for context in uncaught:
            error.add_note(f"meanwhile, caught by nobody: {context}")
        raise
    finally:
        loop.set_exception_handler(before)
    assert uncaught == []


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
