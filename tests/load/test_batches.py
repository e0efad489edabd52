"""Batches on real transports: every delivery is counted, and a wrong one is detected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from lab.chat.events import Message, RoomEvent
from lab.chat.limits import UNPACED, Limits
from lab.contract import Connection
from lab.load.batches import Outcome, Workload, gathered
from lab.load.fleet import Connect, JoinRefusedError
from tests.load.populated_room import populated_room

SMALL = Workload(
    clients=6,
    rooms=5,
    rooms_per_client=2,
    batches=8,
    batch_size=3,
    text_bytes=50,
    pause_ms=1,
    seed=7,
)

Listener = Callable[[RoomEvent], None]


async def played(
    connect: Connect, workload: Workload = SMALL, told: list[tuple[str, int, int]] | None = None
) -> Outcome:
    def progress(*news: Any) -> None:
        if told is not None:
            told.append(news)

    async with gathered(connect, workload, progress) as clients:
        return await clients.say_all(progress)


@pytest.mark.parametrize("transport", ["loopback", "websocket", "socketio-polling"])
async def test_every_delivery_is_counted_once_and_everybody_leaves(transport: str) -> None:
    told: list[tuple[str, int, int]] = []
    async with populated_room(transport, UNPACED) as here:
        found = await played(here.connect, told=told)
        await here.all_gone()
    assert found.void == ""
    assert found.messages == 24
    assert found.delivered == found.expected == len(found.latencies_ns)
    # A message goes to its room, which has the sender in it and nobody twice.
    assert 24 <= found.expected <= 24 * 6
    assert min(found.latencies_ns) > 0
    assert found.sending_ns >= 8 * 1_000_000
    assert told[-1] == ("batches", 8, 8)
    assert ("clients", 6, 6) in told


async def test_what_is_expected_are_the_members_of_each_room() -> None:
    everywhere = msgspec.structs.replace(SMALL, rooms_per_client=5)
    async with populated_room("loopback") as here:
        found = await played(here.connect, everywhere)
    assert found.expected == found.delivered == 24 * 6


def spoilt(connect: Connect, spoil: Callable[[Listener], Listener]) -> Connect:
    """The same transport, for a client that mishandles deliveries."""

    async def spoilt_connect(on_event: Listener) -> Connection:
        return await connect(spoil(on_event))

    return spoilt_connect


def losing_one(listen: Listener) -> Listener:
    left = [1]

    def lossy(event: RoomEvent) -> None:
        if isinstance(event, Message) and left:
            left.pop()
            return
        listen(event)

    return lossy


def hearing_twice(listen: Listener) -> Listener:
    def twice(event: RoomEvent) -> None:
        listen(event)
        listen(event)

    return twice


def swapping(listen: Listener) -> Listener:
    """Swaps two messages of one room, once."""
    held: list[Message] = []
    done: list[bool] = []

    def swap(event: RoomEvent) -> None:
        if done or not isinstance(event, Message):
            listen(event)
        elif not held:
            held.append(event)
        else:
            listen(event)
            if event.room == held[0].room:
                done.append(True)
                listen(held[0])

    return swap


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [(losing_one, "6 lost"), (hearing_twice, "delivered twice"), (swapping, "6 out of order")],
)
async def test_what_went_wrong_voids_the_outcome(
    spoil: Callable[[Listener], Listener], complaint: str
) -> None:
    async with populated_room("loopback") as here:
        connect = spoilt(here.connect, spoil)
        async with gathered(connect, SMALL, lambda *_: None) as clients:
            found = await clients.say_all(lambda *_: None, stall_s=0.2)
    assert complaint in found.void


async def test_a_client_who_is_refused_ends_it_and_everybody_is_gone() -> None:
    async with populated_room("websocket", Limits(rooms_per_connection=1)) as here:
        with pytest.raises(JoinRefusedError, match=r"client 0 was refused.*too_many_rooms"):
            await played(here.connect)
        await here.all_gone()


async def test_a_connection_that_breaks_is_not_taken_for_a_loss() -> None:
    async with (
        populated_room("websocket") as here,
        gathered(here.connect, SMALL, lambda *_: None) as clients,
    ):
        await clients.connections[3].close()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(clients.say_all(lambda *_: None), 10)


def test_memberships_are_those_of_the_seed() -> None:
    rooms = SMALL.memberships()
    assert rooms == SMALL.memberships()
    assert rooms != msgspec.structs.replace(SMALL, seed=8).memberships()
    assert [len(set(mine)) for mine in rooms] == [2] * 6
    assert SMALL.members_per_room == 6 * 2 / 5


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"clients": 0}, "clients must be at least 1, not 0"),
        ({"batches": -1}, "batches must be at least 1"),
        ({"rooms_per_client": 6}, "rooms_per_client must be at most 5, not 6"),
        ({"rooms": 50, "rooms_per_client": 17}, "rooms_per_client must be at most 16, not 17"),
        ({"text_bytes": 7}, "text_bytes must be at least 8, not 7"),
        ({"pause_ms": -1}, "pause_ms must be from 0 to 60,000, not -1"),
        ({"pause_ms": float("nan")}, "pause_ms must be from 0"),
    ],
)
def test_no_workload(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        msgspec.structs.replace(SMALL, **change)


def test_without_a_pause_any_rate_is_offered() -> None:
    assert SMALL.offered_per_s == 3000
    assert msgspec.structs.replace(SMALL, pause_ms=0).offered_per_s == float("inf")
