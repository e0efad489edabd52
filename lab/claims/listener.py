"""Among the claims: a member's ears, which remember every message that reached it."""

from __future__ import annotations

import asyncio

from lab.chat.events import Message, RoomEvent


class Listener:
    """What a member has heard, as (room, text) in the order of arrival; call it with its events."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self._something = asyncio.Event()

    def __call__(self, event: RoomEvent) -> None:
        if isinstance(event, Message):
            self.heard.append((event.room, event.text))
            self._something.set()

    async def has_heard(self, count: int) -> None:
        """Wait until `count` messages have come; for ever, if they don't."""
        while len(self.heard) < count:
            self._something.clear()
            await self._something.wait()
