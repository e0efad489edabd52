"""A Redis server for tests, and rooms of several nodes on it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.limits import Limits
from lab.cluster.programs import missing
from lab.cluster.redis import redis_server
from lab.journal.redis.claim import claim
from lab.service.joined import JoinedChat
from tests.conformance.client import eventually
from tests.conformance.served import nothing_uncaught
from tests.interop.conftest import needs
from tests.test_service import NOW_MS, Outlet

LEASE_S = 60.0
"""Long: no test ends a lease by waiting for it unless it says so."""


class NodeRoom:
    """One node, one outlet, and one list of all that it is called."""

    def __init__(self, chat: JoinedChat) -> None:
        self.chat = chat
        self.diary: list[tuple[Any, ...]] = []
        self.outlet = Outlet("it", self.diary)
        self._ids = 0

    def attach(self) -> Member:
        return self.chat.attach(self.outlet)

    def do(self, member: Member, command: Command) -> None:
        self.chat.receive(member, command, lambda reply: self.diary.append(("reply", reply)))

    def replies(self) -> list[events.Reply]:
        return [call[1] for call in self.diary if call[0] == "reply"]

    async def ask(self, member: Member, command: Command) -> events.Reply:
        """Send a command, and wait for the next reply, which is the one to it."""
        count = len(self.replies())
        self.do(member, command)
        await eventually(lambda: len(self.replies()) > count, f"a reply to {command}")
        assert len(self.replies()) == count + 1
        return self.replies()[-1]

    async def joined(self, name: str, room: str = "lab", **more: Any) -> Member:
        member = self.attach()
        reply = await self.ask(member, commands.Join(0, room, name, **more))
        assert isinstance(reply, events.Joined)
        return member

    async def sees(self, *wanted: events.RoomEvent) -> None:
        await eventually(
            lambda: all(event in self.outlet.events() for event in wanted),
            f"{wanted}",
            lambda: str(self.outlet.events()),
        )


@asynccontextmanager
async def nodes(
    url: str, *names: str, limits: Limits | None = None, lease_s: float = LEASE_S
) -> AsyncIterator[list[NodeRoom]]:
    """Nodes of these names; they leave at the end. Nothing may fail on the way unseen."""
    async with AsyncExitStack() as stack:
        stack.enter_context(nothing_uncaught())
        found = []
        for name in names:
            # A relay in this loop may be on the way.
            place = await asyncio.to_thread(claim, url, name, limits or Limits(), lease_s)
            chat = JoinedChat(place, limits, clock=lambda: NOW_MS)
            stack.push_async_callback(chat.close)
            await chat.begin()
            found.append(NodeRoom(chat))
        yield found


@contextmanager
def redis_for_all(folder: Path) -> Iterator[str]:
    """A Redis server for the tests of a module. Yields its URL."""
    needs(missing("redis-server"))
    running = redis_server(folder)
    with asyncio.Runner() as runner:
        found = runner.run(running.__aenter__())
        try:
            yield found.url
        finally:
            runner.run(running.__aexit__(None, None, None))
