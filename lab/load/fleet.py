"""Opens many connections in one room, a few at a time, and always closes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

from lab.chat.events import Joined, RoomEvent
from lab.contract import Connection

Connect = Callable[[Callable[[RoomEvent], None]], Awaitable[Connection]]
"""Opens one connection, whose events go to the given function."""

OPENING_AT_ONCE = 8
"""Few enough not to overflow a listen backlog, but enough to keep the server busy."""


class JoinRefusedError(RuntimeError):
    """The room refused a member of the fleet."""


class Fleet:
    """`len(listeners)` connections, each with its own listener, all in `room`.

    On entry all have joined. On exit, or if entry fails, all are closed.

    Raises (on entry): JoinRefusedError if one is refused; whatever `connect` raises.
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
        """The open connections, in the order of the listeners."""
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
        # Wait for all before raising an error. Otherwise a connection that is still opening would
        # stay open.
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
