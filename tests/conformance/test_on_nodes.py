"""Two nodes on each transport that does not run all tests of the room on them: members of both.

What joins nodes is the same for every transport. How commands come in and events go out is not: a
burst, a replay, and the ends of a connection cross from one node to the other here.
"""

from __future__ import annotations

import asyncio

import pytest

from lab.chat.events import Arrived, IsTyping
from lab.contract import Capability, Transport
from tests.conformance.client import in_time
from tests.conformance.served import QUICK, served
from tests.conformance.test_bursts import BURST, TEXTS


async def test_members_of_two_nodes_have_one_room(transport: Transport) -> None:
    async with served(transport) as s:
        # Each client is at another node than the one before it.
        ann, bob, other = await s.connect(), await s.connect(), await s.connect()
        joined = await ann.joined("den", "ann")
        assert (await bob.joined("den", "bob")).epoch == joined.epoch
        await ann.sees(Arrived("den", "bob", 2))
        await other.refused("name_taken", other.connection.join("den", "bob"))
        await bob.connection.typing("den")
        await ann.sees(IsTyping("den", "bob"))
        said = await in_time(asyncio.gather(*(ann.connection.say("den", t) for t in TEXTS)))
        assert [reply.seq for reply in said] == [*range(3, BURST + 3)]
        for client in (ann, bob):
            await client.has_messages(BURST)
            assert [message.text for message in client.messages] == TEXTS
        last = await bob.said("den", "last words", "k")
        await bob.close()
        assert await ann.sees_departed("bob") == "closed"

        back = await other.joined("den", "bob", 100, joined.epoch)
        assert (back.members, back.truncated) == (["ann", "bob"], False)
        await other.has_logged(back.seq - 100)
        assert [event.seq for event in other.logged] == [*range(101, back.seq + 1)]
        again = await other.said("den", "last words", "k")
        assert (again.seq, again.at) == (last.seq, last.at)
        await other.left("den")
        await ann.has_logged(back.seq)  # all but its own arrival, and the departure
        assert ann.departed("bob") == "left"


@pytest.mark.needs(Capability.TCP, Capability.HEARTBEAT)
async def test_who_is_cut_off_at_one_node_is_lost_at_the_other(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        ann = await s.connect()
        relay = await s.relay()
        await ann.joined("den", "ann")
        await (await s.connect(relay)).joined("den", "bob")
        relay.cut("rst")
        assert await ann.sees_departed("bob") == "lost"
