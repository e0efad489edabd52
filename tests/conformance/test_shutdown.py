"""Ends, on each wire: servers that stop under their clients, clients that leave, and no remains.

The contract gives a goodbye and a shutdown two seconds. `BOUND_S` is that with room for a machine
that is busy, and far from the half minute that a forgotten request would take.
"""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import Capability, ConnectionClosedError, ConnectOptions, ServeOptions, Transport
from lab.service import ChatService
from tests.conformance import raw
from tests.conformance.guest import eventually, in_time
from tests.conformance.stage import stage

BOUND_S = 5

pytestmark = pytest.mark.usefixtures("nothing_left_open")


async def test_a_server_stops_under_its_clients_in_time_and_they_notice(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(10)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
        async with asyncio.timeout(BOUND_S):
            await s.shut()
        for guest in guests:
            await guest.ended()
            with pytest.raises(ConnectionClosedError):
                await in_time(guest.connection.rooms())
        await s.empty()


async def test_a_server_stops_in_time_while_much_is_under_way(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(5)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
        asking = [
            asyncio.ensure_future(guest.connection.say("den", "x" * 1000))
            for guest in guests
            for _ in range(100)
        ]
        await guests[0].has_messages(1)
        async with asyncio.timeout(BOUND_S):
            await s.shut()
        answers = await in_time(asyncio.gather(*asking, return_exceptions=True))
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        assert all(isinstance(error, ConnectionClosedError) for error in errors), errors


@pytest.mark.needs(Capability.SOCKET)
async def test_a_server_stops_in_time_though_a_client_does_not_read(wire: Transport) -> None:
    async with stage(wire) as s:
        line = await s.line()
        ann = await s.connect(line)
        await ann.joined("den", "ann")
        line.stall()
        async with asyncio.timeout(BOUND_S):
            await s.shut()
        line.resume()
        await ann.ended()


@pytest.mark.needs(Capability.SOCKET)
async def test_a_server_stops_in_time_though_a_request_is_half_sent(wire: Transport) -> None:
    async with stage(wire) as s, raw.dial(s.server.address.host, s.server.address.port) as line:
        line.send(b"GET / HT")
        await (await s.connect()).joined("den", "ann")
        async with asyncio.timeout(BOUND_S):
            await s.shut()


async def test_clients_leave_in_time_and_twice_is_once(wire: Transport) -> None:
    async with stage(wire) as s:
        guests = await s.connect_all(10)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
        async with asyncio.timeout(BOUND_S):
            await asyncio.gather(*(guest.connection.close() for guest in guests))
        for guest in guests:
            assert guest.connection.closed.done()
            await guest.close()
        await s.empty()


@pytest.mark.needs(Capability.SOCKET)
async def test_a_client_leaves_in_time_though_nobody_answers(wire: Transport) -> None:
    async with stage(wire) as s:
        line = await s.line()
        ann = await s.connect(line)
        await ann.joined("den", "ann")
        line.stall()
        async with asyncio.timeout(BOUND_S):
            await ann.connection.close()
        assert ann.connection.closed.done()


@pytest.mark.needs(Capability.SOCKET)
async def test_who_waits_for_an_answer_is_told_that_the_connection_ended(wire: Transport) -> None:
    async with stage(wire) as s:
        line = await s.line()
        ann = await s.connect(line)
        await ann.joined("den", "ann")
        line.stall()
        asking = asyncio.ensure_future(ann.connection.rooms())
        await ann.close()
        with pytest.raises(ConnectionClosedError):
            await in_time(asking)


async def test_nothing_is_left_behind(wire: Transport) -> None:
    before = asyncio.all_tasks()
    async with stage(wire) as s:
        guests = await s.connect_all(5)
        for number, guest in enumerate(guests):
            await guest.joined("den", f"guest {number}")
            await guest.said("den", "hello")
        await guests[0].close()
    await eventually(lambda: asyncio.all_tasks() == before, "every task was done")


@pytest.mark.needs(Capability.SOCKET)
async def test_a_port_is_free_again_and_cannot_be_had_twice(wire: Transport) -> None:
    async with stage(wire) as s:
        port = s.server.address.port
        assert port
        with pytest.raises(OSError):
            async with wire.serve(ChatService(), ServeOptions(port=port)):
                pass
        await (await s.connect()).joined("den", "ann")
    async with wire.serve(ChatService(), ServeOptions(port=port)) as server:
        assert server.address.port == port


async def test_where_nobody_listens_there_is_no_connection(wire: Transport) -> None:
    async with stage(wire) as s:
        url = s.server.address.url
    with pytest.raises(OSError):
        await in_time(wire.connect(url, print, ConnectOptions(timeout_s=BOUND_S)))


@pytest.mark.needs(Capability.SOCKET)
async def test_where_nobody_answers_connecting_gives_up(wire: Transport) -> None:
    before = asyncio.all_tasks()
    async with stage(wire) as s:
        line = await s.line()
        line.stall()
        url = s.server.address.url.replace(f":{s.server.address.port}", f":{line.port}")
        with pytest.raises(TimeoutError):
            await in_time(wire.connect(url, print, ConnectOptions(timeout_s=0.5)))
    await eventually(lambda: asyncio.all_tasks() == before, "every task was done")
