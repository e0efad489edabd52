"""A member's ears: what they remember, and how long they wait."""

from __future__ import annotations

import asyncio

from lab.chat.events import Arrived, Message
from lab.claims.listener import Listener


def message(number: int) -> Message:
    return Message("den", number, "ann", f"text {number}", 0)


async def test_messages_are_remembered_with_their_room_and_nothing_else_is() -> None:
    listener = Listener()
    for event in (Arrived("den", "ann", 1), message(2), message(3)):
        listener(event)
    await listener.has_heard(2)
    assert listener.heard == [("den", "text 2"), ("den", "text 3")]


async def test_it_waits_until_enough_has_come() -> None:
    listener = Listener()
    waiting = asyncio.ensure_future(listener.has_heard(2))
    for number in (1, 2):
        for _ in range(3):
            await asyncio.sleep(0)
        assert not waiting.done()
        listener(message(number))
    await waiting
