"""A crowd on each wire: two hundred at once in one room, and everyone hears everything."""

from __future__ import annotations

import asyncio

from lab.contract import Transport
from tests.conformance.stage import in_time, stage

CROWD = 200


async def test_two_hundred_in_one_room_all_hear_all(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(CROWD)
        joined = await in_time(
            asyncio.gather(*(g.joined("den", f"guest {n}") for n, g in enumerate(guests)))
        )
        assert sorted(reply.seq for reply in joined) == list(range(1, CROWD + 1))
        await in_time(asyncio.gather(*(g.said("den", f"{n}") for n, g in enumerate(guests))))
        last = 2 * CROWD
        for guest, reply in zip(guests, joined, strict=True):
            await guest.has_logged(last - reply.seq)
            assert [event.seq for event in guest.logged] == list(range(reply.seq + 1, last + 1))
            assert guest.messages == guests[0].messages
        texts = {message.text for message in guests[0].messages}
        assert texts == {str(number) for number in range(CROWD)}
        await s.holds(CROWD)
