"""The ends of a member, on each transport with a heartbeat: dead, cut off, or closed."""

from __future__ import annotations

import pytest

from lab.chat.events import Departed
from lab.contract import Capability, Transport
from tests.conformance.client import eventually
from tests.conformance.served import QUICK, served

pytestmark = [
    pytest.mark.needs(Capability.TCP, Capability.HEARTBEAT),
    pytest.mark.usefixtures("nothing_left_open"),
]


async def test_silent_peers_are_lost(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        # Deaf and nothing else: a peer that is sent only heartbeats, and does not read them.
        mute, deaf, dead, shy = [await s.relay() for _ in range(4)]
        for name, relay in (("mute", mute), ("deaf", deaf), ("dead", dead)):
            await (await s.connect(relay)).joined("den", name)
        await s.connect(shy)  # has not joined anything, and is to be forgotten all the same
        mute.stall("up")
        deaf.stall("down")
        dead.stall("both")
        shy.stall("both")
        for name in ("mute", "dead"):
            assert await bob.sees_departed(name) == "lost"
        # A peer that only receives nothing can still close, if it misses a heartbeat first.
        assert await bob.sees_departed("deaf") in {"lost", "closed"}
        await s.holds(1)
        # Bob sent no command in that time, but is alive, and is still there.
        await bob.said("den", "still here")
        assert bob.departed("bob") is None


async def test_broken_connections_lose_their_peers(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        bob, one, other = await s.connect(), await s.relay(), await s.relay()
        await bob.joined("den", "bob")
        ann, eve = await s.connect(one), await s.connect(other)
        await ann.joined("den", "ann")
        await eve.joined("den", "eve")
        one.cut("rst")
        other.cut("fin")  # the end of TCP is not the transport's close
        assert await bob.sees_departed("ann") == "lost"
        assert await bob.sees_departed("eve") == "lost"
        await s.holds(1)
        await ann.ended()
        await eve.ended()


async def test_a_closed_connection_is_not_lost(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        await bob.has(1)
        await ann.close()
        await bob.has(2)
        assert bob.events[1] == Departed("den", "ann", 3, "closed")
        await s.holds(1)


async def test_a_quiet_client_outlives_many_heartbeats(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        traffic: list[int] = []
        relay = await s.relay(tap=lambda chunk: traffic.append(chunk.at_ns))
        ann = await s.connect(relay)
        await ann.joined("den", "ann")
        start = len(traffic)
        # Three pings and their answers, or as many polls: longer than interval + timeout.
        await eventually(lambda: len(traffic) >= start + 6, "heartbeats passed")
        await ann.said("den", "still here")
        assert await ann.listing() == {"den": (1, 2)}
