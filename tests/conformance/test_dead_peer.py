"""How a member goes, on each wire with a heartbeat: dead, broken off, or with a goodbye."""

from __future__ import annotations

import pytest

from lab.chat.events import Departed
from lab.contract import Capability, Transport
from tests.conformance.guest import eventually
from tests.conformance.stage import QUICK, stage

pytestmark = [
    pytest.mark.needs(Capability.SOCKET, Capability.HEARTBEAT),
    pytest.mark.usefixtures("nothing_left_open"),
]


async def test_peers_that_fall_silent_are_lost(wire: Transport) -> None:
    async with stage(wire, heartbeat=QUICK) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        # Deaf and nothing else: a peer that is sent only heartbeats, and does not read them.
        mute, deaf, dead, shy = [await s.line() for _ in range(4)]
        for name, line in (("mute", mute), ("deaf", deaf), ("dead", dead)):
            await (await s.connect(line)).joined("den", name)
        await s.connect(shy)  # has not joined anything, and is to be forgotten all the same
        mute.stall("up")
        deaf.stall("down")
        dead.stall("both")
        shy.stall("both")
        for name in ("mute", "dead"):
            assert await bob.sees_departed(name) == "lost"
        # Who is only deaf can still say goodbye: its client may miss the server's heartbeat first.
        assert await bob.sees_departed("deaf") in {"lost", "closed"}
        await s.holds(1)
        # Bob, who said nothing in all that time, but is alive, is still there.
        await bob.said("den", "still here")
        assert bob.departed("bob") is None


async def test_lines_that_break_lose_their_peers(wire: Transport) -> None:
    async with stage(wire, heartbeat=QUICK) as s:
        bob, one, other = await s.connect(), await s.line(), await s.line()
        await bob.joined("den", "bob")
        ann, eve = await s.connect(one), await s.connect(other)
        await ann.joined("den", "ann")
        await eve.joined("den", "eve")
        one.cut("rst")
        other.cut("fin")  # the line's goodbye is not the wire's
        assert await bob.sees_departed("ann") == "lost"
        assert await bob.sees_departed("eve") == "lost"
        await s.holds(1)
        await ann.ended()
        await eve.ended()


async def test_a_goodbye_is_no_loss(wire: Transport) -> None:
    async with stage(wire, heartbeat=QUICK) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        await bob.has(1)
        await ann.close()
        await bob.has(2)
        assert bob.events[1] == Departed("den", "ann", 3, "closed")
        await s.holds(1)


async def test_a_quiet_client_outlives_many_heartbeats(wire: Transport) -> None:
    async with stage(wire, heartbeat=QUICK) as s:
        traffic: list[int] = []
        line = await s.line(tap=lambda chunk: traffic.append(chunk.at_ns))
        ann = await s.connect(line)
        await ann.joined("den", "ann")
        start = len(traffic)
        # Three pings and their answers, or as many polls: longer than interval + timeout.
        await eventually(lambda: len(traffic) >= start + 6, "heartbeats passed")
        await ann.said("den", "still here")
        assert await ann.listing() == {"den": (1, 2)}
