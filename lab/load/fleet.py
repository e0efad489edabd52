"""Many connections in one room: opened a few at a time, closed whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
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

    On entry every one has joined; on exit every one is closed, and likewise where entry fails.

    Raises (on entry): JoinRefusedError where one is not let in; whatever `connect` raises.
    """

    def __init__(
        self, connect: Connect, room: str, listeners: list[Callable[[RoomEvent], None]]
    ) -> None:
        self._connect = connect
        self._room = room
        self._listeners = listeners
        self._opened: dict[int, Connection] = {}

    @property
    def connections(self) -> list[Connection]:
        """Those that are open, in the order of the listeners."""
        return [self._opened[number] for number in sorted(self._opened)]

    async def __aenter__(self) -> Self:
        try:
            for start in range(0, len(self._listeners), OPENING_AT_ONCE):
                await self._open_all(range(start, start + OPENING_AT_ONCE))
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

    async def _open_all(self, numbers: Iterable[int]) -> None:
        # All outcomes before any error: what is still opening when the rest is closed stays open.
        opening = [self._open(number) for number in numbers if number < len(self._listeners)]
        for outcome in await asyncio.gather(*opening, return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _open(self, number: int) -> None:
        connection = self._opened[number] = await self._connect(self._listeners[number])
        reply = await connection.join(self._room, f"member {number}")
        if not isinstance(reply, Joined):
            raise JoinRefusedError(f"member {number} was refused: {reply}")

    async def _close(self) -> None:
        connections = self.connections
        self._opened.clear()
        await asyncio.gather(*(connection.close() for connection in connections))
