"""The relay for UDP, with a server that sends each datagram back with the port of its sender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
import pytest_asyncio

from lab.relay.datagrams import DatagramRelay
from tests.conformance.client import in_time


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(f"{data.decode()} from {addr[1]}".encode(), addr)


class Client(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: asyncio.Queue[str] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.got.put_nowait(data.decode())

    async def asked(self, text: str) -> str:
        self.transport.sendto(text.encode())
        answer: str = await in_time(self.got.get())
        return answer


@pytest_asyncio.fixture
async def relay() -> AsyncIterator[DatagramRelay]:
    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    async with DatagramRelay("127.0.0.1", server.get_extra_info("sockname")[1]) as made:
        yield made
    server.close()


async def connected(relay: DatagramRelay) -> Client:
    loop = asyncio.get_running_loop()
    _, client = await loop.create_datagram_endpoint(Client, remote_addr=("127.0.0.1", relay.port))
    return client


async def test_each_client_has_its_own_port_until_it_is_rebound(relay: DatagramRelay) -> None:
    ann, bob = await connected(relay), await connected(relay)
    before = [await client.asked("one") for client in (ann, bob)]
    assert len(set(before)) == len(before)
    assert await ann.asked("one") == before[0]
    ports = await relay.rebind()
    assert await ann.asked("one") == f"one from {ports[0]}"
    assert await bob.asked("one") == f"one from {ports[1]}"
    assert f"one from {ports[0]}" not in before
    for client in (ann, bob):
        client.transport.close()


async def test_a_stalled_relay_loses_datagrams(relay: DatagramRelay) -> None:
    ann = await connected(relay)
    await ann.asked("first")
    relay.stall()
    ann.transport.sendto(b"lost")
    bob = await connected(relay)
    bob.transport.sendto(b"lost too")  # a socket towards the server is opened all the same
    await asyncio.sleep(0)
    relay.resume()
    assert (await ann.asked("second")).startswith("second")
    for client in (ann, bob):
        client.transport.close()


async def test_a_client_that_is_cut_is_lost_and_the_others_go_on(
    relay: DatagramRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.relay.datagrams.LIVE_S", 60)
    ann, bob = await connected(relay), await connected(relay)
    for client in (ann, bob):
        await client.asked("first")
    anns, bobs = relay.connections
    relay.cut(anns)
    ann.transport.sendto(b"lost")
    assert (await bob.asked("second")).startswith("second")
    assert ann.got.empty()
    assert relay.connections == [bobs]
    monkeypatch.setattr("lab.relay.datagrams.LIVE_S", 0)
    assert relay.connections == [], "no datagram of late"
    for client in (ann, bob):
        client.transport.close()
