"""The client side of a transport: one live connection, as an application uses it."""

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
    """One live client of a transport, as an application uses it.

    Room events go to `on_event` in the order of arrival. A reply goes to the caller that awaits it.
    `closed` is done when the connection has ended. Its result is the transport's text for the
    reason.
    """

    def __init__(self, on_event: Callable[[RoomEvent], None]) -> None:
        self._on_event = on_event
        self._awaited: dict[int, asyncio.Future[Reply]] = {}
        self._last_id = 0
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def send(self, command: Command) -> None:
        """Send a command without waiting for its reply.

        Raises:
            ConnectionClosedError: the connection has ended.
        """

    @abstractmethod
    async def send_untyped(self, name: str, payload: Mapping[str, Any], command_id: int) -> None:
        """Send a payload that need not be a valid command, to test how the server answers."""

    @abstractmethod
    async def close(self) -> None:
        """Close in the transport's own way and release everything, within two seconds."""

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
        """Call `send_untyped` with a new id and await the reply."""
        command_id = self.next_id()
        return await self._paired(command_id, self.send_untyped(name, payload, command_id))

    async def join(
        self, room: str, name: str, after: int | None = None, epoch: str | None = None
    ) -> Reply:
        """Enter a room; see `commands.Join`."""
        return await self.request(commands.Join(self.next_id(), room, name, after, epoch))

    async def leave(self, room: str) -> Reply:
        """Leave a room."""
        return await self.request(commands.Leave(self.next_id(), room))

    async def say(self, room: str, text: str, key: str | None = None) -> Reply:
        """Post a text; see `commands.Say`."""
        return await self.request(commands.Say(self.next_id(), room, text, key))

    async def typing(self, room: str) -> None:
        """Show the others that this member is typing. There is no reply."""
        await self.send(commands.Typing(self.next_id(), room))

    async def history(self, room: str, limit: int, before: int | None = None) -> Reply:
        """Page back through a room; see `commands.History`."""
        return await self.request(commands.History(self.next_id(), room, limit, before))

    async def rooms(self, after: str | None = None, limit: int | None = None) -> Reply:
        """List a page of the rooms; see `commands.Rooms`."""
        return await self.request(commands.Rooms(self.next_id(), after, limit))

    # Transports call these for what has arrived.

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
                waiting.exception()  # asyncio reports an exception that nothing has read
