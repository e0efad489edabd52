"""A client that does not read, on each wire that bounds its queues: it is sent away, alone."""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from tests.conformance.guest import Guest, eventually
from tests.conformance.stage import Stage, stage

pytestmark = pytest.mark.needs(Capability.SOCKET, Capability.BOUNDED_QUEUE)

KIB = 1024
LIMITS = Limits(queue_bytes=256 * KIB, log_bytes=64 * KIB)
TEXT = "x" * (32 * KIB)
# What the kernel's buffers swallow before the server can feel that nobody reads (tcp(7): tcp_wmem
# reaches megabytes) comes on top of the queue; far more than both together means: no bound.
MOST_BYTES = 64 * KIB * KIB


async def test_who_does_not_read_departs_and_nobody_else_notices(wire: Transport) -> None:
    async with stage(wire, limits=LIMITS) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        slow = await _stalled_member(s, bob)
        said = await _say_until_departed(bob, "slow")
        assert bob.departed("slow") == "slow_consumer"
        await bob.has_logged(said + 2)
        assert [event.seq for event in bob.logged] == list(range(2, said + 4))
        assert all(message.text == TEXT for message in bob.messages)
        await s.holds(1)
        await bob.said("den", "still here")
        s.resume_lines()
        await slow.ended()


async def test_a_slow_consumer_may_resume(wire: Transport) -> None:
    async with stage(wire, limits=LIMITS) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        slow = await _stalled_member(s, bob)
        await _say_until_departed(bob, "slow")
        s.resume_lines()
        await slow.ended()
        last = max((event.seq for event in slow.logged), default=2)
        again = await s.connect()
        joined = await again.joined("den", "slow", after=last)
        # A replay may come in several pieces.
        await eventually(
            lambda: [event.seq for event in again.logged[-1:]] == [joined.seq], "all was replayed"
        )
        seqs = [event.seq for event in again.logged]
        assert seqs == list(range(seqs[0], joined.seq + 1))
        # How much came through before the end depends on the line; this log is short.
        assert joined.truncated == (seqs[0] > last + 1)


async def test_a_flood_that_is_read_departs_nobody(wire: Transport) -> None:
    async with stage(wire, limits=LIMITS) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        for _ in range(200):
            await bob.said("den", TEXT)
            await ann.has(len(bob.messages))
        await ann.has_logged(201)
        assert [event.seq for event in ann.logged] == list(range(2, 203))


async def _stalled_member(s: Stage, bob: Guest) -> Guest:
    """Somebody in the room whose line down stands still."""
    line = await s.line(buffer_bytes=64 * KIB, kernel_buffer_bytes=64 * KIB)
    slow = await s.connect(line)
    await slow.joined("den", "slow")
    await bob.has(1)
    line.stall("down")
    return slow


async def _say_until_departed(guest: Guest, name: str) -> int:
    """Say the text until `name` is gone; returns how many times."""
    said = 0
    while guest.departed(name) is None:
        await guest.said("den", TEXT)
        said += 1
        assert said * len(TEXT) < MOST_BYTES, f"{name} is still served"
    return said
