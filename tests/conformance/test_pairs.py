"""Two wires in one process on one room: heard over the one, heard over the other, in one order."""

from __future__ import annotations

import asyncio

from lab.chat.events import Arrived, Departed, IsTyping, Message
from lab.contract import Transport
from tests.conformance.guest import PATIENCE_S
from tests.conformance.stage import stage

Pair = tuple[Transport, Transport]


async def test_comings_goings_and_words_cross(pair: Pair) -> None:
    async with stage(pair[0]) as one, stage(pair[1], chat=one.chat) as other:
        ann, bob = await one.connect(), await other.connect()
        await ann.joined("den", "ann")
        assert (await bob.joined("den", "bob")).members == ["ann", "bob"]
        await ann.sees(Arrived("den", "bob", 2))
        hello = Message("den", 3, "ann", "hello", (await ann.said("den", "hello")).at)
        hi = Message("den", 4, "bob", "hi", (await bob.said("den", "hi")).at)
        for guest in (ann, bob):
            await guest.sees(hello, hi)
        await bob.refused("name_taken", (await other.connect()).connection.join("den", "ann"))
        await bob.left("den")
        await ann.sees(Departed("den", "bob", 5, "left"))
        await bob.joined("den", "bob")
        await ann.close()
        await bob.sees(Departed("den", "ann", 7, "closed"))
        await bob.sees_no_more()


async def test_typing_crosses(pair: Pair) -> None:
    async with stage(pair[0]) as one, stage(pair[1], chat=one.chat) as other:
        ann, bob = await one.connect(), await other.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        await bob.sees(Arrived("den", "ann", 2))
        async with asyncio.timeout(PATIENCE_S):
            while len(bob.events) < 2:  # it may be dropped
                await ann.connection.typing("den")
                await ann.listing()
        await bob.sees(IsTyping("den", "ann"))


async def test_there_is_one_order_for_both(pair: Pair) -> None:
    async with stage(pair[0]) as one, stage(pair[1], chat=one.chat) as other:
        guests = await one.connect_all(3) + await other.connect_all(3)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
        await asyncio.gather(*(guest.said("den", f"{n}") for n in range(20) for guest in guests))
        for number, guest in enumerate(guests):
            await guest.has_logged(120 + 5 - number)
            assert [event.seq for event in guest.logged] == list(range(number + 2, 127))
            assert guest.messages == guests[0].messages
