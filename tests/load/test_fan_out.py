"""Fan-out: every delivery is counted, the window is kept, lost and stray ones are detected."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from lab.chat.commands import Command
from lab.chat.events import Message, RoomEvent
from lab.contract import Connection, ConnectionClosedError
from lab.load.fan_out import Audience, FanOut, fan_out
from lab.load.fleet import Fleet
from lab.load.texts import incompressible
from tests.load.populated_room import TRANSPORTS, populated_room

ROOM = "den"
SIZE = 5
Listener = Callable[[RoomEvent], None]
GIVEN_UP_S = 0.3
"""The time-out of a batch in which a test loses something on purpose."""


@asynccontextmanager
async def full_room(transport: str, listeners: list[Listener]) -> AsyncIterator[Connection]:
    """A room with a member for each listener. Yields the first member."""
    async with populated_room(transport) as h, Fleet(h.connect, ROOM, listeners) as fleet:
        yield fleet.connections[0]


def said(seq: int, text: str = "hello") -> Message:
    return Message(ROOM, seq, "member 0", text, 0)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("window", [1, 4, 100])
async def test_every_delivery_is_counted(transport: str, window: int) -> None:
    audience = Audience(SIZE)
    async with full_room(transport, audience.listeners()) as sender:
        for seed in range(2):  # the second batch counts from zero
            texts = incompressible(64, 40, seed)
            found = await fan_out(sender, ROOM, audience, texts, window)
            assert (found.messages, found.expected, found.delivered) == (40, 200, 200)
            assert (found.lost, found.out_of_order) == (0, 0)
            assert len(found.last_delivery_ns) == 40
            assert min(found.last_delivery_ns) > 0


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("window", [1, 7])
async def test_the_window_is_filled_and_never_exceeded(transport: str, window: int) -> None:
    audience = Audience(SIZE)
    deliveries: Counter[str] = Counter()
    in_flight: list[int] = []

    def counting(listener: Listener) -> Listener:
        def listen(event: RoomEvent) -> None:
            if isinstance(event, Message):
                deliveries[event.text] += 1
            listener(event)

        return listen

    async with full_room(transport, [counting(one) for one in audience.listeners()]) as sender:
        send = sender.send
        sent = 0

        async def counted(command: Command) -> None:
            nonlocal sent
            sent += 1
            in_flight.append(sent - sum(count == SIZE for count in deliveries.values()))
            await send(command)

        sender.send = counted  # type: ignore[method-assign]
        await fan_out(sender, ROOM, audience, incompressible(64, 60), window)
    assert len(in_flight) == 60
    assert max(in_flight) == window


async def test_a_member_that_receives_nothing_is_detected() -> None:
    audience = Audience(SIZE)
    async with full_room("websocket", audience.listeners()[1:]) as sender:
        found = await fan_out(sender, ROOM, audience, incompressible(64, 10), 2, stall_s=GIVEN_UP_S)
    # No message is ever complete, so the window allows two messages and no third.
    assert found == FanOut(10, 50, delivered=8, out_of_order=0, last_delivery_ns=[])
    assert found.lost == 42


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_one_lost_delivery_is_noticed(transport: str) -> None:
    audience = Audience(SIZE)
    texts = incompressible(64, 20)

    def deaf_to_one(listener: Listener) -> Listener:
        return lambda event: None if getattr(event, "text", "") == texts[7] else listener(event)

    first, *others = audience.listeners()
    async with full_room(transport, [deaf_to_one(first), *others]) as sender:
        found = await fan_out(sender, ROOM, audience, texts, 4, stall_s=GIVEN_UP_S)
    assert (found.lost, found.delivered, found.out_of_order) == (1, 99, 0)
    assert len(found.last_delivery_ns) == 19


async def test_deliveries_out_of_order_are_noticed() -> None:
    audience = Audience(SIZE)
    texts = incompressible(64, 20)
    held: list[RoomEvent] = []

    def swapping(listener: Listener) -> Listener:
        def listen(event: RoomEvent) -> None:
            if getattr(event, "text", "") == texts[7]:
                held.append(event)
                return
            listener(event)
            if getattr(event, "text", "") == texts[8]:
                listener(held.pop())

        return listen

    first, *others = audience.listeners()
    async with full_room("websocket", [swapping(first), *others]) as sender:
        found = await fan_out(sender, ROOM, audience, texts, 4)
    assert (found.lost, found.out_of_order) == (0, 1)


def test_a_delivery_too_many_is_out_of_order_and_fills_no_gap() -> None:
    audience = Audience(2)
    complete: list[str] = []
    audience.expect(["hello"], complete.append)
    one, other = audience.listeners()
    one(said(1))
    one(said(1))
    assert audience.out_of_order == 1
    other(said(1))
    assert complete == ["hello"]
    other(said(1))
    assert (audience.delivered, audience.out_of_order) == (2, 2)


def test_what_nobody_said_is_not_counted() -> None:
    audience = Audience(1)
    audience.expect(["hello"], lambda _: None)
    (listener,) = audience.listeners()
    listener(said(1, "hullo"))
    assert audience.delivered == 0


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_stragglers_of_a_batch_given_up_do_not_disturb_the_next(
    transport: str,
) -> None:
    audience = Audience(SIZE)
    early, late = incompressible(64, 6, seed=1), incompressible(64, 30, seed=2)
    held: list[RoomEvent] = []

    def slow(listener: Listener) -> Listener:
        """Holds back the first batch until the second has begun."""

        def listen(event: RoomEvent) -> None:
            if getattr(event, "text", "") in early:
                held.append(event)
                return
            while held:
                listener(held.pop(0))
            listener(event)

        return listen

    first, *others = audience.listeners()
    async with full_room(transport, [slow(first), *others]) as sender:
        given_up = await fan_out(sender, ROOM, audience, early, 6, stall_s=GIVEN_UP_S)
        assert (given_up.lost, given_up.delivered) == (6, 24)
        assert len(held) == 6
        found = await fan_out(sender, ROOM, audience, late, 4)
    assert held == []
    assert (found.lost, found.delivered, found.out_of_order) == (0, 150, 0)
    assert len(found.last_delivery_ns) == 30


async def test_texts_that_are_alike_are_refused() -> None:
    audience = Audience(SIZE)
    async with full_room("loopback", audience.listeners()) as sender:
        with pytest.raises(ValueError, match="the texts must differ"):
            await fan_out(sender, ROOM, audience, ["same", "same"], 1)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_sender_that_is_gone_is_an_error(transport: str) -> None:
    audience = Audience(SIZE)
    async with full_room(transport, audience.listeners()) as sender:
        await sender.close()
        with pytest.raises(ConnectionClosedError):
            await fan_out(sender, ROOM, audience, ["hello"], 1)


async def test_a_batch_that_is_cancelled_sends_no_more() -> None:
    audience = Audience(SIZE)
    async with full_room("websocket", audience.listeners()[1:]) as sender:
        before = asyncio.all_tasks()
        sending = asyncio.ensure_future(fan_out(sender, ROOM, audience, incompressible(64, 9), 1))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
