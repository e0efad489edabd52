"""A crowd on each wire: two hundred at once in one room, and everyone hears everything."""

from __future__ import annotations

import asyncio

from lab.contract import Transport
from tests.conformance.guest import in_time
from tests.conformance.stage import stage

CROWD = 200
# Enough that several speak at once: with the arrivals, each wire has 22 000 deliveries to make.
SPEAKERS = 10


async def test_two_hundred_in_one_room_all_hear_all(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(CROWD)
        joined = await in_time(
            asyncio.gather(*(g.joined("den", f"guest {n}") for n, g in enumerate(guests)))
        )
        assert sorted(reply.seq for reply in joined) == list(range(1, CROWD + 1))
        await in_time(asyncio.gather(*(g.said("den", "hello") for g in guests[:SPEAKERS])))
        last = CROWD + SPEAKERS
        for guest, reply in zip(guests, joined, strict=True):
            await guest.has_logged(last - reply.seq)
            assert [event.seq for event in guest.logged] == list(range(reply.seq + 1, last + 1))
            assert guest.messages == guests[0].messages
        assert len({message.name for message in guests[0].messages}) == SPEAKERS
        await s.holds(CROWD)
