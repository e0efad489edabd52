"""Check order, single delivery and resume, with concurrent senders and broken connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lab.chat.events import Arrived, Said
from lab.contract import Capability, ConnectionClosedError, Transport
from tests.conformance.client import PATIENCE_S, RoomClient, in_time
from tests.conformance.served import QUICK, served


async def test_all_members_see_concurrent_messages_in_one_order(transport: Transport) -> None:
    async with served(transport) as s:
        clients = await s.connect_all(5)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
        said = await asyncio.gather(
            *(client.said("den", f"{turn}") for turn in range(20) for client in clients)
        )
        await asyncio.gather(*(client.has_logged(100 + 4 - n) for n, client in enumerate(clients)))
        for number, client in enumerate(clients):
            assert [event.seq for event in client.logged] == list(range(number + 2, 106))
            assert client.messages == clients[0].messages
        assert sorted(reply.seq for reply in said) == list(range(6, 106))


async def test_the_messages_of_one_member_keep_their_order(transport: Transport) -> None:
    async with served(transport) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        texts = [str(number) for number in range(100)]
        await asyncio.gather(*(ann.said("den", text) for text in texts))
        await bob.has_logged(100)
        assert [message.text for message in bob.messages] == texts


@pytest.mark.needs(Capability.TCP, Capability.HEARTBEAT)
async def test_a_resume_after_a_cut_has_no_gap_and_no_duplicate(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        ann, relay = await s.connect(), await s.relay()
        await ann.joined("den", "ann")
        eve = await s.connect(relay)
        await eve.joined("den", "eve")
        await _talk(ann, until=lambda: len(eve.messages) >= 5)
        relay.cut("rst")
        relay.stall()  # a session that is more than its TCP connections finds no way around the cut
        await _talk(ann, until=lambda: ann.departed("eve") == "lost")
        relay.resume()
        await eve.ended()
        last = eve.logged[-1].seq
        again = await s.connect(relay)
        assert not (await again.joined("den", "eve", after=last)).truncated
        await _talk(ann, until=lambda: bool(again.messages))
        end = (await ann.said("den", "the end")).seq
        await ann.has_logged(end - 1)
        await again.has_logged(end - last)
        # Ann saw all since she came; Eve, in her two lives, all but her own first arrival.
        assert [Arrived("den", "eve", 2), *eve.logged, *again.logged] == ann.logged
        assert [event.seq for event in ann.logged] == list(range(2, end + 1))


@pytest.mark.needs(Capability.TCP)
async def test_events_lost_in_a_break_are_never_skipped_silently(transport: Transport) -> None:
    async with served(transport) as s:
        ann, relay = await s.connect(), await s.relay()
        await ann.joined("den", "ann")
        eve = await s.connect(relay)
        await eve.joined("den", "eve")
        await _talk(ann, until=lambda: len(eve.messages) >= 5)
        relay.stall("down")
        for _ in range(20):
            await ann.said("den", "on its way")
        relay.cut("rst")
        relay.resume("down")
        swallowed = len(eve.logged)
        await _talk(ann, until=lambda: eve.connection.closed.done() or len(eve.logged) > swallowed)
        # Either the connection ended, and resume is to be asked for, or it goes on without a gap.
        assert [event.seq for event in eve.logged] == list(range(3, 3 + len(eve.logged)))


@pytest.mark.needs(Capability.TCP, Capability.HEARTBEAT)
async def test_a_message_sent_into_a_breaking_connection_is_posted_once(
    transport: Transport,
) -> None:
    async with served(transport, heartbeat=QUICK) as s:
        bob, relay = await s.connect(), await s.relay()
        await bob.joined("den", "bob")
        ann = await s.connect(relay)
        await ann.joined("den", "ann")
        keys = [f"k{number}" for number in range(40)]
        saying = [asyncio.ensure_future(_answer(ann.said("den", key, key))) for key in keys[:20]]
        await bob.has(3)
        relay.stall("down")
        saying += [asyncio.ensure_future(_answer(ann.said("den", key, key))) for key in keys[20:]]
        await bob.has(1 + 20)
        relay.cut("rst")
        relay.resume(
            "down"
        )  # for what a transport says on a new connection, not knowing of the cut
        first = await in_time(asyncio.gather(*saying))
        await bob.sees_departed("ann")
        again = await s.connect()
        await again.joined("den", "ann")
        second = [await again.said("den", key, key) for key in keys]
        for before, now in zip(first, second, strict=True):
            assert before is None or (before.seq, before.at) == (now.seq, now.at)
        await bob.has_logged(len(keys) + 3)
        assert sorted(message.text for message in bob.messages) == sorted(keys)
        assert [event.seq for event in bob.logged] == list(range(2, len(keys) + 5))


async def _talk(client: RoomClient, until: Callable[[], bool]) -> None:
    """Keep the room busy, slowly enough for its log."""
    async with asyncio.timeout(PATIENCE_S):
        while not until():
            await client.said("den", "and so on")
            await asyncio.sleep(0.01)


async def _answer(asking: Awaitable[Said]) -> Said | None:
    """The reply, or None if the connection broke first."""
    try:
        return await asking
    except ConnectionClosedError:
        return None
