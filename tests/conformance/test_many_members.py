"""Connect a hundred members at once on each transport: all of them receive all messages."""

from __future__ import annotations

import asyncio

from lab.contract import Transport
from tests.conformance.client import in_time
from tests.conformance.served import served

MEMBERS = 100
# Enough that several speak at once: with the arrivals, each transport has 6000 deliveries to make.
SPEAKERS = 10


async def test_a_hundred_members_of_one_room_receive_all_messages(transport: Transport) -> None:
    async with served(transport) as s:
        clients = await s.connect_all(MEMBERS)
        joined = await in_time(
            asyncio.gather(*(g.joined("den", f"guest {n}") for n, g in enumerate(clients)))
        )
        assert sorted(reply.seq for reply in joined) == list(range(1, MEMBERS + 1))
        await in_time(asyncio.gather(*(g.said("den", "hello") for g in clients[:SPEAKERS])))
        last = MEMBERS + SPEAKERS
        for client, reply in zip(clients, joined, strict=True):
            await client.has_logged(last - reply.seq)
            assert [event.seq for event in client.logged] == list(range(reply.seq + 1, last + 1))
            assert client.messages == clients[0].messages
        assert len({message.name for message in clients[0].messages}) == SPEAKERS
        await s.holds(MEMBERS)
