"""A listener for the events of one member that keeps every message."""

from __future__ import annotations

import asyncio

from lab.chat.events import Message, RoomEvent


class Listener:
    """Keeps a member's messages as (room, text), by arrival; call it with the member's events."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self._something = asyncio.Event()

    def __call__(self, event: RoomEvent) -> None:
        if isinstance(event, Message):
            self.heard.append((event.room, event.text))
            self._something.set()

    async def has_heard(self, count: int) -> None:
        """Wait until `count` messages have arrived; without a time limit."""
        while len(self.heard) < count:
            self._something.clear()
            await self._something.wait()
