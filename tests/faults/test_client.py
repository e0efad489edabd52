"""The client that writes down what it saw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from lab.chat.events import Departed, Joined, RoomEvent
from lab.contract import Connection
from lab.faults.client import Notes, read_all
from lab.faults.history import READER

NEWEST = 3


class Truncated:
    """A connection whose room has forgotten seq 1: it replays the rest a little after its reply."""

    def __init__(self, hear: Callable[[RoomEvent], None]) -> None:
        self._hear = hear

    async def join(self, room: str, name: str, _after: int, _epoch: str | None) -> Joined:
        loop = asyncio.get_running_loop()
        for seq in range(2, NEWEST + 1):
            loop.call_later(0.01 * seq, self._hear, Departed(room, f"c{seq}", seq, "lost"))
        return Joined(1, room, name, [name], NEWEST, truncated=True, epoch="1")

    async def close(self) -> None:
        pass


async def test_the_reader_waits_for_the_whole_of_a_log_that_is_truncated() -> None:
    async def connect(hear: Callable[[RoomEvent], None], _node: int) -> Connection:
        return cast("Connection", Truncated(hear))

    notes = Notes()
    await read_all(connect, notes, asyncio.get_running_loop().time() + 60, 0)
    heard = [step.seq for step in notes.steps if step.what == "event"]
    assert heard == [2, 3]
    assert notes.steps[0].who == READER
