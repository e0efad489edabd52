"""A fleet: all join, or all are closed."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import pytest

from lab.chat.events import Message, RoomEvent
from lab.chat.limits import Limits
from lab.contract import Connection
from lab.load.closed_loop import ignore
from lab.load.fleet import OPENING_AT_ONCE, Fleet, JoinRefusedError
from tests.conformance.served import eventually
from tests.load.populated_room import TRANSPORTS, populated_room

SIZE = 2 * OPENING_AT_ONCE + 3
"""Neither one batch nor whole batches."""


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_all_are_opened_and_all_are_closed(transport: str) -> None:
    async with populated_room(transport) as h:
        async with Fleet(h.connect, "den", [ignore] * SIZE) as fleet:
            assert h.server.sessions() == len(fleet.connections) == SIZE
        assert fleet.connections == []
        assert len(h.opened) == SIZE
        await h.all_gone()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_every_listener_receives_its_own_connection(transport: str) -> None:
    heard: list[list[RoomEvent]] = [[] for _ in range(SIZE)]

    def texts(events: list[RoomEvent]) -> list[str]:
        return [event.text for event in events if isinstance(event, Message)]

    async with populated_room(transport) as h:
        listeners = [events.append for events in heard]
        async with Fleet(h.connect, "den", listeners) as fleet:
            await fleet.connections[0].say("den", "to all")
            await eventually(
                lambda: [texts(events) for events in heard] == [["to all"]] * SIZE,
                "every member heard it once",
            )
            # `connections` has the order of the listeners.
            await fleet.connections[5].leave("den")
            await fleet.connections[0].say("den", "to all but one")
            await eventually(lambda: len(texts(heard[-1])) == 2, "the last member heard it")
        assert texts(heard[5]) == ["to all"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("room_for", [0, 3, OPENING_AT_ONCE + 2])
async def test_where_one_is_refused_all_are_closed(transport: str, room_for: int) -> None:
    # The name of one member is already taken in the room. The others could join.
    async with populated_room(transport) as h:
        squatter = await h.connect(ignore)
        await squatter.join("den", f"member {room_for}")
        with pytest.raises(JoinRefusedError, match=f"member {room_for} was refused.*name_taken"):
            async with Fleet(h.connect, "den", [ignore] * SIZE):
                pytest.fail("the fleet was let in")
        await squatter.close()
        assert len(h.opened) > room_for
        await h.all_gone()


async def test_a_room_that_is_full_refuses_the_fleet() -> None:
    async with populated_room("websocket", Limits(members_per_room=10)) as h:
        with pytest.raises(JoinRefusedError, match="room_full"):
            await Fleet(h.connect, "den", [ignore] * SIZE).__aenter__()
        await h.all_gone()


async def test_where_one_cannot_connect_all_are_closed() -> None:
    async with populated_room("websocket") as h:
        tries = itertools.count(1)

        async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
            if next(tries) == OPENING_AT_ONCE + 2:
                raise ConnectionRefusedError("no more")
            return await h.connect(on_event)

        with pytest.raises(ConnectionRefusedError, match="no more"):
            await Fleet(connect, "den", [ignore] * SIZE).__aenter__()
        assert len(h.opened) > OPENING_AT_ONCE
        await h.all_gone()


async def test_an_error_inside_closes_all() -> None:
    async with populated_room("websocket") as h:
        with pytest.raises(ZeroDivisionError):
            async with Fleet(h.connect, "den", [ignore] * 3):
                raise ZeroDivisionError
        await h.all_gone()


async def test_a_fleet_that_is_cancelled_while_it_opens_leaves_nobody_behind() -> None:
    async with populated_room("websocket") as h:
        fleet = Fleet(h.connect, "den", [ignore] * 200)
        opening = asyncio.ensure_future(fleet.__aenter__())
        await eventually(lambda: len(h.opened) > OPENING_AT_ONCE, "some had connected")
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert len(h.opened) < 200
        await h.all_gone()
