"""Serve one room on two transports in one process: both deliver the same events in one order."""

from __future__ import annotations

import asyncio

from lab.chat.events import Arrived, Departed, IsTyping, Message
from lab.contract import Transport
from tests.conformance.client import PATIENCE_S
from tests.conformance.served import served

Pair = tuple[Transport, Transport]


async def test_arrivals_departures_and_messages_reach_the_other_transport(pair: Pair) -> None:
    async with served(pair[0]) as one, served(pair[1], chat=one.chat) as other:
        ann, bob = await one.connect(), await other.connect()
        await ann.joined("den", "ann")
        assert (await bob.joined("den", "bob")).members == ["ann", "bob"]
        await ann.sees(Arrived("den", "bob", 2))
        hello = Message("den", 3, "ann", "hello", (await ann.said("den", "hello")).at)
        hi = Message("den", 4, "bob", "hi", (await bob.said("den", "hi")).at)
        for client in (ann, bob):
            await client.sees(hello, hi)
        await bob.refused("name_taken", (await other.connect()).connection.join("den", "ann"))
        await bob.left("den")
        await ann.sees(Departed("den", "bob", 5, "left"))
        await bob.joined("den", "bob")
        await ann.close()
        await bob.sees(Departed("den", "ann", 7, "closed"))
        await bob.sees_no_more()


async def test_typing_reaches_the_other_transport(pair: Pair) -> None:
    async with served(pair[0]) as one, served(pair[1], chat=one.chat) as other:
        ann, bob = await one.connect(), await other.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        await bob.sees(Arrived("den", "ann", 2))
        async with asyncio.timeout(PATIENCE_S):
            while len(bob.events) < 2:  # it may be dropped
                await ann.connection.typing("den")
                await ann.listing()
        await bob.sees(IsTyping("den", "ann"))


async def test_both_transports_have_one_order(pair: Pair) -> None:
    async with served(pair[0]) as one, served(pair[1], chat=one.chat) as other:
        clients = await one.connect_all(3) + await other.connect_all(3)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
        await asyncio.gather(*(client.said("den", f"{n}") for n in range(20) for client in clients))
        for number, client in enumerate(clients):
            await client.has_logged(120 + 5 - number)
            assert [event.seq for event in client.logged] == list(range(number + 2, 127))
            assert client.messages == clients[0].messages
