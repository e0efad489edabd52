"""A listener: which events it keeps, and how long it waits."""

from __future__ import annotations

import asyncio

from lab.chat.events import Arrived, Message
from lab.claims._support.listener import Listener


def message(number: int) -> Message:
    return Message("den", number, "ann", f"text {number}", 0)


async def test_messages_are_kept_with_their_room_and_other_events_are_not() -> None:
    listener = Listener()
    for event in (Arrived("den", "ann", 1), message(2), message(3)):
        listener(event)
    await listener.has_heard(2)
    assert listener.heard == [("den", "text 2"), ("den", "text 3")]


async def test_it_waits_until_enough_messages_have_arrived() -> None:
    listener = Listener()
    waiting = asyncio.ensure_future(listener.has_heard(2))
    for number in (1, 2):
        for _ in range(3):
            await asyncio.sleep(0)
        assert not waiting.done()
        listener(message(number))
    await waiting
