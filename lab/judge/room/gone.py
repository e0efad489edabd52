"""How members of the room depart whose connection ends, or who do not read (docs/room.md)."""

from __future__ import annotations

import asyncio
import itertools

from lab.judge.engineio.session import Frames
from lab.judge.engineio.steps import Need
from lab.judge.room.member import Member
from lab.judge.room.talk import Talk, on_each
from lab.judge.verdict import Finding, not_asked

TEXT = "x" * (64 << 10)
MOST_BYTES = 32 << 20
"""Far more than `queue_bytes` and what kernels keep: a server that keeps this much has no bound."""


async def closed(talk: Talk) -> None:
    """A member whose connection is closed departs from all its rooms."""
    ann, one, other = await talk.member(), talk.room(), talk.room()
    await ann.join(one, "ann")
    await ann.join(other, "ann")
    async with talk.short() as bob:
        await bob.join(one, "bob")
        await bob.join(other, "bob")
        for room in (one, other):
            await ann.sees("arrived", room=room, name="bob", seq=2)
        await bob.session.close()
        seen = {}
        for _ in range(2):
            event = (await ann.event()).must_be("departed", name="bob", seq=3, why="closed")
            seen[event.fields.get("room")] = event
        if {*seen} != {one, other}:
            raise event.wrong(f"a departure from {one} and from {other}", "room")


async def _two(talk: Talk) -> tuple[Member, Member, str]:
    """Ann and bob in one room, which ann has seen bob enter."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    await ann.join(room, "ann")
    await bob.join(room, "bob")
    await ann.sees("arrived", name="bob")
    return ann, bob, room


async def broken(talk: Talk) -> None:
    """The end of TCP is not the transport's close: the member is lost."""
    ann, bob, room = await _two(talk)
    assert isinstance(bob.session, Frames), "only a WebSocket ends with its connection"
    bob.session.break_off()
    await ann.sees("departed", room=room, name="bob", seq=3, why="lost")


async def silent(talk: Talk) -> Finding | None:
    """A member that answers no heartbeat is lost; one that does is not."""
    site = talk.player.site
    if site.lost_after_s is None:
        return not_asked(str(Need.LOSS))
    ann, _bob, room = await _two(talk)
    loop = asyncio.get_running_loop()
    end = loop.time() + site.lost_after_s + site.margin_s
    while not ann.has_events:
        reply = await ann.ask("rooms", limit=1)
        if loop.time() > end:
            raise reply.wrong("a departure of bob, who answers no heartbeat", "type")
        await asyncio.sleep(site.lost_after_s / 50)
    await ann.sees("departed", room=room, name="bob", seq=3, why="lost")
    return None


async def slow(talk: Talk) -> None:
    """A member that does not read departs, and nobody else."""
    ann, bob, room = await _two(talk)
    bob.session.stop_reading()
    for seq in itertools.count(3):
        reply = await ann.say(room, TEXT)
        if (event := await ann.event()).fields.get("type") == "departed":
            break
        event.must_be("message", seq=seq)
        if seq * len(TEXT) > MOST_BYTES:
            raise reply.wrong("a departure of bob, who does not read", "type")
    event.must_be("departed", room=room, name="bob", seq=seq, why="slow_consumer")
    (await ann.say(room, "still here")).must_be("said", seq=seq + 2)


CASES = (
    *on_each("gone", "a closed connection", "Gone", closed),
    *on_each("gone", "a broken connection", "Gone", broken, polls=False),
    *on_each("gone", "a silent client", "Gone", silent),
    *on_each("gone", "a client that does not read", "Slow consumers", slow),
)
