"""Order, once and resume over each wire, with many talking at once and with lines that break."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lab.chat.events import Arrived, Said
from lab.contract import Capability, ConnectionClosedError, Transport
from tests.conformance.guest import PATIENCE_S, Guest, in_time
from tests.conformance.stage import QUICK, stage


async def test_concurrent_senders_have_one_order_that_all_see(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(5)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
        said = await asyncio.gather(
            *(guest.said("den", f"{turn}") for turn in range(20) for guest in guests)
        )
        await asyncio.gather(*(guest.has_logged(100 + 4 - n) for n, guest in enumerate(guests)))
        for number, guest in enumerate(guests):
            assert [event.seq for event in guest.logged] == list(range(number + 2, 106))
            assert guest.messages == guests[0].messages
        assert sorted(reply.seq for reply in said) == list(range(6, 106))


async def test_what_one_member_says_keeps_its_order(wire: Transport) -> None:
    async with stage(wire) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        texts = [str(number) for number in range(100)]
        await asyncio.gather(*(ann.said("den", text) for text in texts))
        await bob.has_logged(100)
        assert [message.text for message in bob.messages] == texts


@pytest.mark.needs(Capability.SOCKET, Capability.HEARTBEAT)
async def test_after_a_cut_line_resume_misses_nothing_and_doubles_nothing(wire: Transport) -> None:
    async with stage(wire, heartbeat=QUICK) as s:
        ann, line = await s.connect(), await s.line()
        await ann.joined("den", "ann")
        eve = await s.connect(line)
        await eve.joined("den", "eve")
        await _talk(ann, until=lambda: len(eve.messages) >= 5)
        line.cut("rst")
        line.stall()  # a session that is more than its TCP connections finds no way around the cut
        await _talk(ann, until=lambda: ann.departed("eve") == "lost")
        line.resume()
        await eve.ended()
        last = eve.logged[-1].seq
        again = await s.connect(line)
        assert not (await again.joined("den", "eve", after=last)).truncated
        await _talk(ann, until=lambda: bool(again.messages))
        end = (await ann.said("den", "the end")).seq
        await ann.has_logged(end - 1)
        await again.has_logged(end - last)
        # Ann saw all since she came; Eve, in her two lives, all but her own first arrival.
        assert [Arrived("den", "eve", 2), *eve.logged, *again.logged] == ann.logged
        assert [event.seq for event in ann.logged] == list(range(2, end + 1))


@pytest.mark.needs(Capability.SOCKET)
async def test_what_a_break_swallows_is_never_skipped_in_silence(wire: Transport) -> None:
    async with stage(wire) as s:
        ann, line = await s.connect(), await s.line()
        await ann.joined("den", "ann")
        eve = await s.connect(line)
        await eve.joined("den", "eve")
        await _talk(ann, until=lambda: len(eve.messages) >= 5)
        line.stall("down")
        for _ in range(20):
            await ann.said("den", "on its way")
        line.cut("rst")
        line.resume("down")
        swallowed = len(eve.logged)
        await _talk(ann, until=lambda: eve.connection.closed.done() or len(eve.logged) > swallowed)
        # Either the connection ended, and resume is to be asked for, or it goes on without a gap.
        assert [event.seq for event in eve.logged] == list(range(3, 3 + len(eve.logged)))


@pytest.mark.needs(Capability.SOCKET, Capability.HEARTBEAT)
async def test_what_was_said_into_a_breaking_line_is_said_once(wire: Transport) -> None:
    async with stage(wire, heartbeat=QUICK) as s:
        bob, line = await s.connect(), await s.line()
        await bob.joined("den", "bob")
        ann = await s.connect(line)
        await ann.joined("den", "ann")
        keys = [f"k{number}" for number in range(40)]
        saying = [asyncio.ensure_future(_answer(ann.said("den", key, key))) for key in keys[:20]]
        await bob.has(3)
        line.stall("down")
        saying += [asyncio.ensure_future(_answer(ann.said("den", key, key))) for key in keys[20:]]
        await bob.has(1 + 20)
        line.cut("rst")
        line.resume("down")  # for what a wire says on a new connection, not knowing of the cut
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


async def _talk(guest: Guest, until: Callable[[], bool]) -> None:
    """Keep the room busy, at a pace that its log holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not until():
            await guest.said("den", "and so on")
            await asyncio.sleep(0.01)


async def _answer(asking: Awaitable[Said]) -> Said | None:
    """The answer, or None where the line broke before it came."""
    try:
        return await asking
    except ConnectionClosedError:
        return None
