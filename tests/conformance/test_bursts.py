"""Send bursts over each transport under `equal`: all messages of one turn arrive in order."""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import Capability, Transport
from lab.relay.network import Network
from tests.conformance.client import in_time
from tests.conformance.served import served

BURST = 500
TEXTS = [f"number {number}" for number in range(BURST)]


async def test_a_burst_of_commands_from_one_client(transport: Transport) -> None:
    async with served(transport) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        said = await in_time(asyncio.gather(*(ann.connection.say("den", t) for t in TEXTS)))
        assert [reply.seq for reply in said] == list(range(3, BURST + 3))
        await ann.has(BURST)
        await bob.has_logged(BURST + 1)
        for client in (ann, bob):
            assert [message.text for message in client.messages] == TEXTS
            assert [message.seq for message in client.messages] == list(range(3, BURST + 3))


@pytest.mark.needs(Capability.TCP)
async def test_a_burst_of_commands_over_a_slow_connection(transport: Transport) -> None:
    async with served(transport) as s:
        # Both ways in pieces of a segment, as on a real network; loopback hands over all at once.
        relay = await s.relay(network=Network(delay_ns=2_000_000, bandwidth_bytes_per_s=2_000_000))
        ann = await s.connect(relay)
        await ann.joined("den", "ann")
        texts = [f"{number} " + "x" * 200 for number in range(BURST)]
        said = await in_time(asyncio.gather(*(ann.connection.say("den", t) for t in texts)))
        assert [reply.seq for reply in said] == list(range(2, BURST + 2))
        await ann.has(BURST)
        assert [message.text for message in ann.messages] == texts


async def test_a_burst_of_commands_without_awaiting_replies(transport: Transport) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        await ann.burst("den", TEXTS)
        await ann.has(BURST)
        assert [message.text for message in ann.messages] == TEXTS


async def test_a_burst_of_deliveries_to_one_client(transport: Transport) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        await s.burst("den", "crier", TEXTS)
        await ann.has(BURST + 1)
        assert [message.text for message in ann.messages] == TEXTS
        assert [event.seq for event in ann.logged] == list(range(2, BURST + 3))
        await ann.said("den", "still here")


async def test_a_burst_of_deliveries_to_many_clients(transport: Transport) -> None:
    async with served(transport) as s:
        clients = await s.connect_all(10)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
        await s.burst("den", "crier", TEXTS)
        for client in clients:
            await client.has_messages(BURST)
            assert [message.text for message in client.messages] == TEXTS


async def test_a_replay_of_a_full_log(transport: Transport) -> None:
    async with served(transport) as s:
        await s.burst("den", "crier", TEXTS)
        ann = await s.connect()
        joined = await ann.joined("den", "ann", after=0)
        assert (joined.seq, joined.truncated) == (BURST + 2, False)
        await ann.has(BURST + 2)
        assert [event.seq for event in ann.logged] == list(range(1, BURST + 3))
