"""One live client of a wire, as an application has it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.events import Event, Reply, RoomEvent


class ConnectionClosedError(ConnectionError):
    """The connection ended before the reply came."""


class Connection(ABC):
    """One live client of a wire: what an application has.

    Room events go to `on_event` in the order of arrival; a reply goes to whoever awaits it.
    `closed` is done when the connection has ended, with the wire's own words for why.
    """

    def __init__(self, on_event: Callable[[RoomEvent], None]) -> None:
        self._on_event = on_event
        self._awaited: dict[int, asyncio.Future[Reply]] = {}
        self._last_id = 0
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def send(self, command: Command) -> None:
        """Send a command and don't wait for its reply.

        Raises:
            ConnectionClosedError: the connection has ended.
        """

    @abstractmethod
    async def send_untyped(self, name: str, payload: Mapping[str, Any], command_id: int) -> None:
        """Send whatever may or may not be a command; for showing what happens then."""

    @abstractmethod
    async def close(self) -> None:
        """Say goodbye in the wire's own way and release everything, within two seconds."""

    def next_id(self) -> int:
        """A command id that this connection has not used yet."""
        self._last_id += 1
        return self._last_id

    async def request(self, command: Command) -> Reply:
        """Send a command and await its reply.

        Raises:
            ConnectionClosedError: the connection ended before the reply.
        """
        return await self._paired(command.id, self.send(command))

    async def request_untyped(self, name: str, payload: Mapping[str, Any]) -> Reply:
        """`send_untyped` under an id of its own, and its reply."""
        command_id = self.next_id()
        return await self._paired(command_id, self.send_untyped(name, payload, command_id))

    async def join(self, room: str, name: str, after: int | None = None) -> Reply:
        """Enter a room; see `commands.Join`."""
        return await self.request(commands.Join(self.next_id(), room, name, after))

    async def leave(self, room: str) -> Reply:
        """Go out of a room."""
        return await self.request(commands.Leave(self.next_id(), room))

    async def say(self, room: str, text: str, key: str | None = None) -> Reply:
        """Post a text; see `commands.Say`."""
        return await self.request(commands.Say(self.next_id(), room, text, key))

    async def typing(self, room: str) -> None:
        """Show that something is being typed; nothing comes back."""
        await self.send(commands.Typing(self.next_id(), room))

    async def history(self, room: str, limit: int, before: int | None = None) -> Reply:
        """Page back through a room; see `commands.History`."""
        return await self.request(commands.History(self.next_id(), room, limit, before))

    async def rooms(self) -> Reply:
        """List the rooms."""
        return await self.request(commands.Rooms(self.next_id()))

    # For the wires: what came in.

    def _received(self, event: Event) -> None:
        if isinstance(event, events.REPLIES):
            self._replied(event)
        else:
            self._on_event(event)

    def _replied(self, reply: Reply) -> None:
        waiting = self._awaited.get(reply.id) if reply.id is not None else None
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def _ended(self, reason: str) -> None:
        if self.closed.done():
            return
        self.closed.set_result(reason)
        for waiting in self._awaited.values():
            if not waiting.done():
                waiting.set_exception(ConnectionClosedError(reason))

    def _check_open(self) -> None:
        if self.closed.done():
            raise ConnectionClosedError(self.closed.result())

    async def _paired(self, command_id: int, sending: Any) -> Reply:
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._awaited[command_id] = waiting
        try:
            await sending
            return await waiting
        finally:
            del self._awaited[command_id]
            if not waiting.done() or waiting.cancelled():
                waiting.cancel()
            else:
                waiting.exception()  # read, so that asyncio does not report it as forgotten
