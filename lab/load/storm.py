"""Many clients that come back to a server which has ended, each after its back-off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import Random

from lab.chat.events import Joined
from lab.contract import Connection
from lab.load.closed_loop import ignore
from lab.load.fleet import OPENING_AT_ONCE, Connect, JoinRefusedError
from lab.measure.clock import now_ns
from lab.measure.figures.storm import BackOff

ATTEMPT_S = 10.0
"""A client gives an attempt up that takes longer."""
FAILURES = (OSError, JoinRefusedError)
"""What a failed attempt raises."""


@dataclass(frozen=True)
class CameBack:
    """What a storm has shown. `back_ns`: when each client was in its room, by `now_ns`.

    `missing`: clients that did not come back in time.
    """

    back_ns: list[int]
    failed_attempts: int
    missing: int


class _Client:
    """One client. `room`, `name`: where it enters, and as whom."""

    def __init__(self, connect: Connect, room: str, name: str) -> None:
        self._connect = connect
        self._room = room
        self._name = name
        self._connection: Connection | None = None
        self._former: list[Connection] = []
        self.failed = 0

    @property
    def is_in(self) -> bool:
        """Whether its connection is open; it has joined then."""
        return self._connection is not None and not self._connection.closed.done()

    async def enter(self) -> None:
        """Connect and join, once. Raises `FAILURES`."""
        async with asyncio.timeout(ATTEMPT_S):
            connection = await self._connect(ignore)
            try:
                reply = await connection.join(self._room, self._name)
                if not isinstance(reply, Joined):
                    raise JoinRefusedError(f"{self._name} was refused: {reply}")
            except BaseException:
                await connection.close()
                raise
        self._connection = connection

    async def come_back(self, back_off: BackOff, chance: Random) -> int:
        """Wait until the connection is lost, and try until it is in again. Returns when it was."""
        self.failed = 0
        if self._connection is not None:
            # Shielded: a client that is given up must not cancel the connection's own future.
            await asyncio.shield(self._connection.closed)
            self._former.append(self._connection)
        while True:
            await asyncio.sleep(back_off.pause_s(chance.random()))
            try:
                await self.enter()
            except FAILURES:
                self.failed += 1
            else:
                return now_ns()

    async def close(self) -> None:
        """Close its connection."""
        await self.close_former()
        if self._connection is not None:
            await self._connection.close()

    async def close_former(self) -> None:
        """Release the connections that it has lost."""
        former, self._former = self._former, []
        await asyncio.gather(*(connection.close() for connection in former))


ComingBack = Callable[[float], Awaitable[CameBack]]
"""Waits until all are in again, at most so many seconds."""


class Crowd:
    """So many clients, in rooms of `room_size`. `connect` opens a connection to the server."""

    def __init__(self, connect: Connect, clients: int, room_size: int, seed: int) -> None:
        self._clients = [
            _Client(connect, f"storm {number // room_size}", f"client {number}")
            for number in range(clients)
        ]
        self._chance = Random(seed)

    async def enter(self) -> None:
        """Let all enter that are not in, a few at a time. Raises what one of them fails with."""
        outside = [client for client in self._clients if not client.is_in]
        for start in range(0, len(outside), OPENING_AT_ONCE):
            some = outside[start : start + OPENING_AT_ONCE]
            found = await asyncio.gather(*(each.enter() for each in some), return_exceptions=True)
            for failure in found:
                if isinstance(failure, BaseException):
                    raise failure

    @asynccontextmanager
    async def coming_back(self, back_off: BackOff) -> AsyncIterator[ComingBack]:
        """Let each client come back as soon as it has lost its connection, within this context."""
        coming = [
            asyncio.ensure_future(client.come_back(back_off, self._chance))
            for client in self._clients
        ]
        try:
            yield partial(self._come_back, coming)
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)
            await asyncio.gather(*(client.close_former() for client in self._clients))

    async def _come_back(self, coming: Iterable[asyncio.Task[int]], within_s: float) -> CameBack:
        done, missing = await asyncio.wait(coming, timeout=within_s)
        failed = sum(client.failed for client in self._clients)
        return CameBack([task.result() for task in done], failed, len(missing))

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(client.close() for client in self._clients))
