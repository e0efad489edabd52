"""Bursts over each wire under `equal`: what one turn of the loop sends arrives, all, in order."""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import Capability, Transport
from lab.wire.network import Network
from tests.conformance.guest import in_time
from tests.conformance.stage import stage

BURST = 500
TEXTS = [f"number {number}" for number in range(BURST)]


async def test_a_burst_of_commands_from_one_client(wire: Transport) -> None:
    async with stage(wire) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        said = await in_time(asyncio.gather(*(ann.connection.say("den", t) for t in TEXTS)))
        assert [reply.seq for reply in said] == list(range(3, BURST + 3))
        await ann.has(BURST)
        await bob.has_logged(BURST + 1)
        for guest in (ann, bob):
            assert [message.text for message in guest.messages] == TEXTS
            assert [message.seq for message in guest.messages] == list(range(3, BURST + 3))


@pytest.mark.needs(Capability.SOCKET)
async def test_a_burst_of_commands_over_a_thin_line(wire: Transport) -> None:
    async with stage(wire) as s:
        # Both ways in pieces of a segment, as on a real network; loopback hands over all at once.
        line = await s.line(network=Network(delay_ns=2_000_000, bandwidth_bytes_per_s=2_000_000))
        ann = await s.connect(line)
        await ann.joined("den", "ann")
        texts = [f"{number} " + "x" * 200 for number in range(BURST)]
        said = await in_time(asyncio.gather(*(ann.connection.say("den", t) for t in texts)))
        assert [reply.seq for reply in said] == list(range(2, BURST + 2))
        await ann.has(BURST)
        assert [message.text for message in ann.messages] == texts


async def test_a_burst_of_commands_whose_replies_nobody_awaits(wire: Transport) -> None:
    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        await ann.burst("den", TEXTS)
        await ann.has(BURST)
        assert [message.text for message in ann.messages] == TEXTS


async def test_a_burst_of_deliveries_to_one_client(wire: Transport) -> None:
    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        await s.burst("den", "crier", TEXTS)
        await ann.has(BURST + 1)
        assert [message.text for message in ann.messages] == TEXTS
        assert [event.seq for event in ann.logged] == list(range(2, BURST + 3))
        await ann.said("den", "still here")


async def test_a_burst_of_deliveries_to_many_clients(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(10)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
        await s.burst("den", "crier", TEXTS)
        for guest in guests:
            await guest.has_messages(BURST)
            assert [message.text for message in guest.messages] == TEXTS


async def test_a_replay_of_all_that_the_log_holds(wire: Transport) -> None:
    async with stage(wire) as s:
        await s.burst("den", "crier", TEXTS)
        ann = await s.connect()
        joined = await ann.joined("den", "ann", after=0)
        assert (joined.seq, joined.truncated) == (BURST + 2, False)
        await ann.has(BURST + 2)
        assert [event.seq for event in ann.logged] == list(range(1, BURST + 3))
