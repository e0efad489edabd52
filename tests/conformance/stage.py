"""What the conformance tests are written in: a stage (one running server) and its guests.

    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")

Leaving it sends everybody home, stops the server, and fails where anything went wrong unheard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import (
    Capability,
    ConnectOptions,
    Heartbeat,
    ServeOptions,
    Server,
    Settings,
    Transport,
)
from lab.service import ChatService, wall_clock_ms
from lab.wire.relay import Relay
from tests.conformance.guest import PATIENCE_S, Guest, Insider, eventually, in_time

__all__ = ["PATIENCE_S", "QUICK", "Stage", "eventually", "in_time", "nothing_uncaught", "stage"]

QUICK = Heartbeat(interval_s=1, timeout_s=1)
"""The shortest heartbeat that every wire can keep: Engine.IO counts in whole seconds."""


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

    async def burst(self, room: str, name: str, texts: Iterable[str]) -> None:
        """Let somebody come who says all of the texts at once.

        From inside the server, where that can be: all of them go out in one turn of its loop.
        """
        if Capability.SHARED_ROOM in self.wire.capabilities:
            insider = Insider(self.chat, room, name)
            for text in texts:
                insider.say(text)
        else:
            guest = await self.connect()
            await guest.joined(room, name)
            await guest.burst(room, texts)

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
