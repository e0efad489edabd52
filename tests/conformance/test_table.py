"""Check the room's table on each transport: the reply to a command, and the others' events.

It holds under both settings: `stock` may be slower, or lose packets of a burst, but commands mean
the same.
"""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest

from lab.chat.events import Arrived, Departed, IsTyping, Message
from lab.contract import Settings, Transport
from tests.conformance.client import PATIENCE_S, eventually
from tests.conformance.served import served

pytestmark = pytest.mark.parametrize("settings", get_args(Settings))


async def test_join_gets_a_reply_and_others_see_an_arrival(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        first = await ann.joined("den", "ann")
        assert (first.room, first.name, first.members) == ("den", "ann", ["ann"])
        assert (first.seq, first.truncated) == (1, False)
        second = await bob.joined("den", "bob")
        assert (second.members, second.seq) == (["ann", "bob"], 2)
        await ann.sees(Arrived("den", "bob", 2))
        await ann.sees_no_more()
        await bob.sees_no_more()


async def test_join_with_after_replays_missed_events(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        said = await ann.said("den", "hello")
        joined = await bob.joined("den", "bob", after=1)
        assert (joined.seq, joined.truncated) == (3, False)
        await bob.sees(Message("den", 2, "ann", "hello", said.at), Arrived("den", "bob", 3))
        await bob.sees_no_more()


async def test_join_with_an_after_that_was_never_reached_is_truncated(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann = await s.connect()
        assert (await ann.joined("den", "ann", after=99)).truncated
        await ann.sees_no_more()


async def test_leave_gets_a_reply_and_others_see_a_departure(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        assert (await bob.left("den")).room == "den"
        await ann.sees(Arrived("den", "bob", 2), Departed("den", "bob", 3, "left"))
        await ann.said("den", "gone?")
        await bob.sees_no_more()


async def test_say_gets_a_reply_and_all_members_see_the_message(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        said = await ann.said("den", "hello")
        assert (said.room, said.seq) == ("den", 3)
        message = Message("den", 3, "ann", "hello", said.at)
        await ann.sees(Arrived("den", "bob", 2), message)
        await bob.sees(message)
        await ann.sees_no_more()
        await bob.sees_no_more()


async def test_say_with_the_same_key_posts_once(transport: Transport, settings: Settings) -> None:
    async with served(transport, settings=settings) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        first = await ann.said("den", "hello", key="k1")
        again = await ann.said("den", "hello", key="k1")
        assert (again.seq, again.at) == (first.seq, first.at)
        other = await ann.said("den", "hello", key="k2")
        assert other.seq == first.seq + 1
        await ann.sees(*(Message("den", r.seq, "ann", "hello", r.at) for r in (first, other)))
        await ann.sees_no_more()


async def test_only_the_other_members_see_typing(transport: Transport, settings: Settings) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob, eve = await s.connect_all(3)
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        await eve.joined("attic", "eve")
        await bob.sees(Arrived("den", "ann", 2))
        async with asyncio.timeout(PATIENCE_S):
            while len(bob.events) < 2:  # it may be dropped: typed until it is seen
                await ann.connection.typing("den")
                await ann.listing()
        await bob.sees(IsTyping("den", "ann"))
        assert ann.events == []
        await eve.sees_no_more()


async def test_typing_has_no_seq(transport: Transport, settings: Settings) -> None:
    async with served(transport, settings=settings) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        await ann.connection.typing("den")
        assert (await ann.said("den", "hello")).seq == 2


async def test_history_pages_backwards(transport: Transport, settings: Settings) -> None:
    async with served(transport, settings=settings) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        for text in "abcd":
            await ann.said("den", text)
        newest = await ann.page("den", limit=2)
        assert newest == ann.messages[-2:]
        older = await ann.page("den", limit=2, before=newest[0].seq)
        assert [event.seq for event in older] == [2, 3]
        assert await ann.page("den", limit=9, before=2) == [Arrived("den", "ann", 1)]
        assert await ann.page("den", limit=9, before=1) == []


async def test_rooms_lists_rooms_with_members_and_newest_seq(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        assert await ann.listing() == {}
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        await bob.joined("attic", "bob")
        await bob.said("den", "hello")
        assert await ann.listing() == {"attic": (1, 1), "den": (2, 3)}


async def test_a_member_may_be_in_several_rooms_under_several_names(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await ann.joined("attic", "anna")
        await bob.joined("attic", "bob")
        said = await bob.said("attic", "up here")
        await ann.sees(Arrived("attic", "bob", 2), Message("attic", 3, "bob", "up here", said.at))
        await ann.sees_no_more()


async def test_a_closed_connection_departs_from_all_its_rooms(
    transport: Transport, settings: Settings
) -> None:
    async with served(transport, settings=settings) as s:
        ann, bob = await s.connect(), await s.connect()
        for room in ("den", "attic"):
            await ann.joined(room, "ann")
            await bob.joined(room, "bob")
        await ann.has(2)
        await bob.close()
        await ann.has(4)
        departures = {Departed(room, "bob", 3, "closed") for room in ("den", "attic")}
        assert set(ann.events[2:]) == departures
        await s.holds(1)
        await eventually(bob.connection.closed.done, "the closed connection said so")
