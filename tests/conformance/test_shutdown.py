"""Stop servers with clients and close clients, on each transport: in time, and nothing is left.

The contract allows two seconds for a close and for a shutdown. `BOUND_S` is longer, because a
machine may be busy, but far shorter than the half minute that a forgotten request takes.
"""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from lab.contract import Capability, ConnectionClosedError, Transport
from lab.service import ChatService
from tests.conformance import raw
from tests.conformance.client import eventually, in_time
from tests.conformance.served import served

BOUND_S = 5

pytestmark = pytest.mark.usefixtures("nothing_left_open")


async def test_a_server_with_clients_stops_in_time_and_they_notice(transport: Transport) -> None:
    async with served(transport) as s:
        clients = await s.connect_all(10)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
        async with asyncio.timeout(BOUND_S):
            await s.shut()
        for client in clients:
            await client.ended()
            with pytest.raises(ConnectionClosedError):
                await in_time(client.connection.rooms())
        await s.empty()


async def test_a_busy_server_stops_in_time(transport: Transport) -> None:
    async with served(transport) as s:
        clients = await s.connect_all(5)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
        asking = [
            asyncio.ensure_future(client.connection.say("den", "x" * 1000))
            for client in clients
            for _ in range(100)
        ]
        await clients[0].has_messages(1)
        async with asyncio.timeout(BOUND_S):
            await s.shut()
        answers = await in_time(asyncio.gather(*asking, return_exceptions=True))
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        assert all(isinstance(error, ConnectionClosedError) for error in errors), errors


@pytest.mark.needs(Capability.TCP)
async def test_a_server_stops_in_time_despite_a_client_that_does_not_read(
    transport: Transport,
) -> None:
    async with served(transport) as s:
        relay = await s.relay()
        ann = await s.connect(relay)
        await ann.joined("den", "ann")
        relay.stall()
        async with asyncio.timeout(BOUND_S):
            await s.shut()
        relay.resume()
        await ann.ended()


@pytest.mark.needs(Capability.TCP)
async def test_a_server_stops_in_time_despite_half_a_request(transport: Transport) -> None:
    async with (
        served(transport) as s,
        raw.dial(s.server.address.host, s.server.address.port) as connection,
    ):
        connection.send(b"GET / HT")
        await (await s.connect()).joined("den", "ann")
        async with asyncio.timeout(BOUND_S):
            await s.shut()


async def test_clients_close_in_time_and_a_second_close_does_nothing(transport: Transport) -> None:
    async with served(transport) as s:
        clients = await s.connect_all(10)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
        async with asyncio.timeout(BOUND_S):
            await asyncio.gather(*(client.connection.close() for client in clients))
        for client in clients:
            assert client.connection.closed.done()
            await client.close()
        await s.empty()


@pytest.mark.needs(Capability.TCP)
async def test_a_client_closes_in_time_without_an_answer(transport: Transport) -> None:
    async with served(transport) as s:
        relay = await s.relay()
        ann = await s.connect(relay)
        await ann.joined("den", "ann")
        relay.stall()
        async with asyncio.timeout(BOUND_S):
            await ann.connection.close()
        assert ann.connection.closed.done()


@pytest.mark.needs(Capability.TCP)
async def test_a_waiting_command_fails_when_the_connection_ends(transport: Transport) -> None:
    async with served(transport) as s:
        relay = await s.relay()
        ann = await s.connect(relay)
        await ann.joined("den", "ann")
        relay.stall()
        asking = asyncio.ensure_future(ann.connection.rooms())
        await ann.close()
        with pytest.raises(ConnectionClosedError):
            await in_time(asking)


async def test_nothing_is_left_behind(transport: Transport) -> None:
    before = asyncio.all_tasks()
    async with served(transport) as s:
        clients = await s.connect_all(5)
        for number, client in enumerate(clients):
            await client.joined("den", f"guest {number}")
            await client.said("den", "hello")
        await clients[0].close()
    await eventually(lambda: asyncio.all_tasks() == before, "every task was done")


@pytest.mark.needs(Capability.SOCKET)
async def test_a_port_is_exclusive_and_free_after_the_stop(transport: Transport) -> None:
    async with served(transport) as s:
        port = s.server.address.port
        assert port
        with pytest.raises(OSError):
            async with transport.serve(ChatService(), replace(s.serving, port=port)):
                pass
        await (await s.connect()).joined("den", "ann")
    async with served(transport, port=port) as s:
        assert s.server.address.port == port


async def test_connecting_to_a_closed_port_is_refused(transport: Transport) -> None:
    async with served(transport) as s:
        url, options = s.server.address.url, s.options(BOUND_S)
        await s.shut()
        with pytest.raises(OSError):
            await in_time(transport.connect(url, print, options))


@pytest.mark.needs(Capability.TCP)
async def test_connecting_to_a_silent_server_times_out(transport: Transport) -> None:
    before = asyncio.all_tasks()
    async with served(transport) as s:
        relay = await s.relay()
        relay.stall()
        url = s.server.address.url.replace(f":{s.server.address.port}", f":{relay.port}")
        with pytest.raises(TimeoutError):
            await in_time(transport.connect(url, print, s.options(0.5)))
    await eventually(lambda: asyncio.all_tasks() == before, "every task was done")
