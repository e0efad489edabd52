"""Version 2 of the room: lives of a room, pages of the list of rooms, and the rate limit."""

from __future__ import annotations

from lab.chat.events import Listing, Refused
from lab.chat.limits import Limits
from lab.contract import Transport
from tests.conformance.client import RoomClient, eventually, in_time
from tests.conformance.served import served


async def resume(client: RoomClient, after: int, epoch: str | None) -> tuple[bool, list[int]]:
    """Join the room `den`. Returns `truncated`, and the `seq` of each replayed event."""
    joined = await client.joined("den", "ann", after, epoch)
    await eventually(  # a replay ends in one's own arrival
        lambda: joined.seq in [event.seq for event in client.logged], "the replay ended"
    )
    return joined.truncated, [event.seq for event in client.logged]


async def test_a_client_of_an_earlier_server_gets_truncated(transport: Transport) -> None:
    async with served(transport) as earlier:
        ann = await earlier.connect()
        joined = await ann.joined("den", "ann")
        assert joined.epoch
        last = await ann.said("den", "the former life")
    async with served(transport) as later:
        bob, ann = await later.connect(), await later.connect()
        assert (await bob.joined("den", "bob")).epoch != joined.epoch
        for text in "abc":
            await bob.said("den", text)
        assert await resume(ann, last.seq, joined.epoch) == (True, [1, 2, 3, 4, 5])


async def test_a_forgotten_room_begins_a_new_life(transport: Transport) -> None:
    async with served(transport, limits=Limits(rooms=1)) as s:
        ann, bob = await s.connect(), await s.connect()
        former = await ann.joined("den", "ann")
        await ann.left("den")
        await bob.joined("attic", "bob")
        await bob.left("attic")
        await bob.joined("den", "bob")
        assert await resume(ann, former.seq, former.epoch) == (True, [1, 2])


async def test_a_resume_in_the_same_life_is_not_truncated(transport: Transport) -> None:
    async with served(transport) as s:
        ann, bob = await s.connect(), await s.connect()
        former = await ann.joined("den", "ann")
        await ann.left("den")
        assert (await bob.joined("den", "bob")).epoch == former.epoch
        assert await resume(ann, former.seq, former.epoch) == (False, [2, 3, 4])


async def test_rooms_are_listed_page_by_page(transport: Transport) -> None:
    async with served(transport, limits=Limits(page_rooms=2)) as s:
        ann = await s.connect()
        for room in ("😀", "a", "é", "\uffee", "B"):
            await ann.joined(room, "ann")
        pages: list[list[str]] = []
        listing = await ann.rooms()
        while listing.more:
            pages.append([room.room for room in listing.rooms])
            listing = await ann.rooms(after=pages[-1][-1], limit=9)
        assert pages == [["B", "a"], ["é", "\uffee"]]
        assert [room.room for room in listing.rooms] == ["😀"]
        assert [room.room for room in (await ann.rooms(limit=1)).rooms] == ["B"]


async def test_invalid_commands_count_toward_the_rate_limit(transport: Transport) -> None:
    async with served(transport, limits=Limits(commands_per_s=1, command_burst=5)) as s:
        ann, bob = await s.connect(), await s.connect()
        codes = set()
        while "too_fast" not in codes:
            reply = await in_time(ann.connection.request_untyped("nonsense", {}))
            assert isinstance(reply, Refused)
            codes.add(reply.code)
        assert codes == {"unknown_command", "too_fast"}
        assert isinstance(await in_time(bob.connection.rooms()), Listing)
