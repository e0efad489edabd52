"""Many connections in one room: opened a few at a time, closed whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from lab.chat.events import Joined, RoomEvent
from lab.contract import Connection

Connect = Callable[[Callable[[RoomEvent], None]], Awaitable[Connection]]
"""Opens one connection of some wire to some server, given who takes its events."""

OPENING_AT_ONCE = 8
"""Few enough not to overflow a listen backlog, enough to keep the server busy."""


class JoinRefusedError(RuntimeError):
    """A member of the fleet was not let into the room."""


class Fleet:
    """`len(listeners)` connections, each with its own listener, all in `room`.

    On entry every one has joined; on exit every one is closed.
    """

    def __init__(
        self, connect: Connect, room: str, listeners: list[Callable[[RoomEvent], None]]
    ) -> None:
        self._connect = connect
        self._room = room
        self._listeners = listeners
        self.connections: list[Connection] = []

    async def __aenter__(self) -> Self:
        try:
            for start in range(0, len(self._listeners), OPENING_AT_ONCE):
                batch = range(start, min(start + OPENING_AT_ONCE, len(self._listeners)))
                self.connections += await asyncio.gather(*map(self._open, batch))
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    async def _open(self, number: int) -> Connection:
        connection = await self._connect(self._listeners[number])
        reply = await connection.join(self._room, f"member {number}")
        if not isinstance(reply, Joined):
            await connection.close()
            raise JoinRefusedError(f"member {number} was refused: {reply}")
        return connection

    async def _close(self) -> None:
        connections, self.connections = self.connections, []
        await asyncio.gather(*(connection.close() for connection in connections))
