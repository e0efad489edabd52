"""Closed loops: one sample per operation, and none for a refusal."""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import ConnectionClosedError
from lab.load.closed_loop import RefusedError, handshakes, ignore, round_trips, times_to_join
from lab.load.fleet import Fleet, JoinRefusedError
from lab.measure.clock import now_ns
from tests.load.populated_room import TRANSPORTS, populated_room

pytestmark = pytest.mark.parametrize("transport", TRANSPORTS)


async def test_one_round_trip_for_each_text(transport: str) -> None:
    async with populated_room(transport) as h, Fleet(h.connect, "den", [ignore]) as fleet:
        begun = now_ns()
        samples = await round_trips(fleet.connections[0], "den", map(str, range(20)))
        assert len(samples) == 20
        assert min(samples) > 0
        # One in flight: operations follow each other, so their sum is at most the whole time.
        assert sum(samples) <= now_ns() - begun
        page = await fleet.connections[0].history("den", 100)
        assert str(page).count("Message(") == 20


async def test_a_refused_say_is_no_sample(transport: str) -> None:
    async with populated_room(transport) as h:
        outsider = await h.connect(ignore)
        with pytest.raises(RefusedError, match="not_in_room"):
            await round_trips(outsider, "den", ["hello"])
        await outsider.close()


async def test_a_say_on_a_closed_connection_is_no_sample(transport: str) -> None:
    async with populated_room(transport) as h:
        async with Fleet(h.connect, "den", [ignore]) as fleet:
            speaker = fleet.connections[0]
        with pytest.raises(ConnectionClosedError):
            await round_trips(speaker, "den", ["hello"])


async def test_one_handshake_after_the_other_each_closed(transport: str) -> None:
    async with populated_room(transport) as h:
        samples = await handshakes(h.connect, 6)
        assert len(samples) == len(h.opened) == 6
        assert min(samples) > 0
        await h.all_gone()


async def test_one_join_after_the_other_each_closed(transport: str) -> None:
    async with populated_room(transport) as h:
        samples = await times_to_join(h.connect, "lobby", 6)
        assert len(samples) == len(h.opened) == 6
        assert min(samples) > 0
        await h.all_gone()


async def test_a_refused_join_is_no_sample_and_its_connection_is_closed(transport: str) -> None:
    async with populated_room(transport, Limits(members_per_room=1)) as h:
        async with Fleet(h.connect, "lobby", [ignore]):
            with pytest.raises(JoinRefusedError, match="room_full"):
                await times_to_join(h.connect, "lobby", 2)
        await h.all_gone()
