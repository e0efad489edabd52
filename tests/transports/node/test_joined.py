"""A server in Node as one node of several, when Redis is away, full, or becomes a replica."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import redis

from lab.chat.events import Departed, Joined, Message, Refused, RoomEvent, Said
from lab.chat.limits import Limits
from lab.cluster.programs import free_ports, missing
from lab.cluster.redis import redis_server
from lab.contract import Connection, ConnectOptions, ServeOptions
from lab.journal.redis.claim import claim
from lab.service.claimed import ClaimedChat
from tests.conformance.served import eventually
from tests.interop.conftest import needs
from tests.journal.redis_rooms import LEASE_S
from tests.transports.needs_node import needs_node
from transports import registry

pytestmark = needs_node


@asynccontextmanager
async def node(url: str) -> AsyncIterator[str]:
    """A node on `ws`; its address."""
    place = claim(url, "a", Limits(), LEASE_S)
    serving = registry.load("node-websocket").serve(ClaimedChat(place, Limits()), ServeOptions())
    async with serving as server:
        yield server.address.url


async def entered(url: str, name: str, heard: list[RoomEvent]) -> Connection:
    """A client in the room `lab`."""
    options = ConnectOptions(timeout_s=LEASE_S)
    client = await registry.load("node-websocket").connect(url, heard.append, options)
    assert isinstance(await client.join("lab", name), Joined)
    return client


async def test_a_redis_that_starts_again_within_the_lease_loses_nothing(tmp_path: Path) -> None:
    """What is sent meanwhile is answered later, and posted once."""
    needs(missing("redis-server"))
    (port,) = free_ports(1)
    heard: list[RoomEvent] = []
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(redis_server(tmp_path, port, "always"))
        ann = await entered(await stack.enter_async_context(node(first.url)), "ann", heard)
        before = [asyncio.ensure_future(ann.say("lab", f"{it}", f"{it}")) for it in range(5)]
        await asyncio.sleep(0)
        psutil.Process(first.program.pid).kill()
        after = [asyncio.ensure_future(ann.say("lab", f"{it}", f"{it}")) for it in range(5, 9)]
        await stack.enter_async_context(redis_server(tmp_path, port, "always"))
        replies = await asyncio.gather(*before, *after)
        assert [it.seq for it in replies if isinstance(it, Said)] == [*range(2, 11)]
        await eventually(lambda: len(heard) == 9, "all messages")
        assert [it.text for it in heard if isinstance(it, Message)] == [*map(str, range(9))]
        await ann.close()


async def test_a_redis_that_is_full_refuses_and_departures_come_later(tmp_path: Path) -> None:
    needs(missing("redis-server"))
    heard: list[RoomEvent] = []
    async with redis_server(tmp_path) as own, node(own.url) as url:
        ann, bob = await entered(url, "ann", heard), await entered(url, "bob", [])
        with redis.Redis.from_url(own.url) as client:
            client.config_set("maxmemory", "1mb")
            refused = await ann.say("lab", "too much")
            assert isinstance(refused, Refused)
            assert refused.code == "server_full"
            await bob.close()
            client.config_set("maxmemory", "0")
        await eventually(lambda: Departed("lab", "bob", 3, "closed") in heard, "bob departed")
        said = await ann.say("lab", "now")
        assert isinstance(said, Said)
        assert said.seq == 4
        await ann.close()


async def test_a_server_that_has_become_a_replica_is_left_for_its_successor(tmp_path: Path) -> None:
    """The node's connections lead to the old server until it opens others."""
    needs(missing("redis-server"))
    heard: list[RoomEvent] = []
    async with redis_server(tmp_path) as own, node(own.url) as url:
        ann = await entered(url, "ann", heard)
        with redis.Redis.from_url(own.url) as client:
            client.replicaof("127.0.0.1", "1")
            saying = asyncio.ensure_future(ann.say("lab", "is it there?"))
            opened = client.info("stats")["total_connections_received"]
            await eventually(
                lambda: client.info("stats")["total_connections_received"] >= opened + 3,
                "other connections",
            )
            client.replicaof("NO", "ONE")
        said = await saying
        assert isinstance(said, Said)
        assert said.seq == 2
        await eventually(lambda: len(heard) == 1, "the message")
        await ann.close()
