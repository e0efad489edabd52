"""A client that does not read is cut off alone, on each transport with bounded queues."""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from tests.conformance.client import RoomClient, eventually
from tests.conformance.served import ServedTransport, served

pytestmark = pytest.mark.needs(Capability.TCP, Capability.BOUNDED_QUEUE)

KIB = 1024
LIMITS = Limits(queue_bytes=256 * KIB, log_bytes=64 * KIB)
TEXT = "x" * (32 * KIB)
# The kernel buffers so much before the server notices that a client does not read (tcp(7): tcp_wmem
# reaches megabytes) comes on top of the queue; far more than both together means: no bound.
MOST_BYTES = 64 * KIB * KIB


async def test_a_client_that_does_not_read_departs_and_others_are_not_affected(
    transport: Transport,
) -> None:
    async with served(transport, limits=LIMITS) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        slow = await _stalled_member(s, bob)
        said = await say_until_departed(bob, "slow")
        assert bob.departed("slow") == "slow_consumer"
        await bob.has_logged(said + 2)
        assert [event.seq for event in bob.logged] == list(range(2, said + 4))
        assert all(message.text == TEXT for message in bob.messages)
        await s.holds(1)
        await bob.said("den", "still here")
        s.resume_relays()
        await slow.ended()


async def test_a_slow_consumer_may_resume(transport: Transport) -> None:
    async with served(transport, limits=LIMITS) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        slow = await _stalled_member(s, bob)
        await say_until_departed(bob, "slow")
        s.resume_relays()
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
        # How much arrives before the end depends on the connection; this log is short.
        assert joined.truncated == (seqs[0] > last + 1)


async def test_a_flood_ends_no_client_that_reads(transport: Transport) -> None:
    async with served(transport, limits=LIMITS) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        for _ in range(200):
            await bob.said("den", TEXT)
            await ann.has(len(bob.messages))
        await ann.has_logged(201)
        assert [event.seq for event in ann.logged] == list(range(2, 203))


async def _stalled_member(s: ServedTransport, bob: RoomClient) -> RoomClient:
    """A member of the room whose connection is stalled from the server to the client."""
    relay = await s.relay(buffer_bytes=64 * KIB, kernel_buffer_bytes=64 * KIB)
    slow = await s.connect(relay)
    await slow.joined("den", "slow")
    await bob.has(1)
    relay.stall("down")
    return slow


async def say_until_departed(client: RoomClient, name: str) -> int:
    """Say the text until `name` has departed. Returns the number of messages."""
    said = 0
    while client.departed(name) is None:
        await client.said("den", TEXT)
        said += 1
        assert said * len(TEXT) < MOST_BYTES, f"{name} is still served"
    return said
