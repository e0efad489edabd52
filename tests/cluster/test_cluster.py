"""Clusters of two nodes that really run, with each library that joins nodes and each proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

import pytest

from lab.chat.events import Joined, Message, Refused, RoomEvent, Said
from lab.cluster import registry
from lab.cluster.cluster import Cluster, Plan, running_cluster
from lab.cluster.programs import missing
from lab.cluster.proxies import CONFIGURATIONS, Proxy
from lab.contract import Connection, ConnectOptions, Transport
from tests.conformance.served import eventually
from tests.interop.conftest import needs
from transports._node.versions import unavailable as node_unavailable
from transports._shared.extras import missing as missing_package
from transports._socketio.client import SocketioConnection

PATIENCE_S = 60.0
WAYS: list[Sequence[Literal["polling", "websocket"]]] = [
    ["polling"],
    ["websocket"],
    ["polling", "websocket"],
]


class Member:
    """A client in the room `lab`, and the texts that it has got."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: list[RoomEvent] = []
        self.connection: Connection

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Message)]

    async def connect(self, transport: Transport, url: str) -> Joined:
        options = ConnectOptions(timeout_s=PATIENCE_S)
        self.connection = await transport.connect(url, self.events.append, options)
        return await self.join()

    async def join(self) -> Joined:
        joined = await self.connection.join("lab", self.name)
        assert isinstance(joined, Joined)
        return joined


@asynccontextmanager
async def members(transport: Transport, urls: Sequence[str]) -> AsyncIterator[list[Member]]:
    """Members of one room, each at another node."""
    async with AsyncExitStack() as stack:
        found = [Member(f"member {number}") for number in range(len(urls))]
        for member, url in zip(found, urls, strict=True):
            await member.connect(transport, url)
            stack.push_async_callback(member.connection.close)
        yield found


async def reads(cluster: Cluster) -> list[tuple[int | None, int | None]]:
    counts = [await node.counts() for node in cluster.nodes]
    return [(it.reads, it.concerned) for it in counts if it is not None]


@pytest.mark.parametrize("name", registry.JOINED)
async def test_what_is_said_at_one_node_reaches_the_other(
    name: str, subtests: pytest.Subtests
) -> None:
    needs(missing("redis-server"))
    needs(node_unavailable("redis") if name.startswith("node-") else missing_package("redis"))
    async with running_cluster(Plan(name, 2)) as cluster:
        transport = registry.load(name, cluster.backplane)
        urls = [node.ready.url for node in cluster.nodes]
        async with members(transport, urls) as (here, there):
            with subtests.test("a text arrives at both"):
                assert isinstance(await here.connection.say("lab", "hello"), Said)
                await eventually(lambda: here.texts == there.texts == ["hello"], "the text arrived")
            with subtests.test("what it lacks, it lacks"):
                lacks = registry.lacks(name)
                again = await here.connection.say("lab", "again", key="one")
                assert await here.connection.say("lab", "again", key="one") != again, lacks["keys"]
                refused = await here.connection.history("lab", 1)
                assert isinstance(refused, Refused), lacks["log"]
                namesake = Member(here.name)
                joined = await namesake.connect(transport, urls[1])
                assert joined.members.count(here.name) == 1, lacks["names"]
                await namesake.connection.close()
            with subtests.test("each node counts what it reads"):
                for _, concerned in await reads(cluster):
                    assert concerned
            with subtests.test("a room without members at a node is read there, and wasted"):
                before = await reads(cluster)
                await here.connection.join("alone", "nobody hears")
                said = await here.connection.say("alone", "hello?")
                assert isinstance(said, Said)
                await there.connection.say("lab", "a mark behind it")
                await eventually(lambda: "a mark behind it" in here.texts, "the text arrived")
                after = await reads(cluster)
                assert after[1][0] is not None and before[1][0] is not None
                assert after[1][0] > before[1][0]
            with subtests.test("a killed node is missed, and the other serves"):
                cluster.nodes[1].kill()
                await cluster.nodes[1].ended()
                assert await cluster.nodes[1].counts() is None
                assert isinstance(await here.connection.say("lab", "still here"), Said)


@pytest.mark.parametrize("proxy", CONFIGURATIONS)
async def test_a_chat_works_through_a_proxy(proxy: Proxy, subtests: pytest.Subtests) -> None:
    needs(missing(proxy))
    async with running_cluster(Plan("socketio", 2, proxy, "cookie")) as cluster:
        assert cluster.url is not None
        for way in WAYS:
            with subtests.test("sticky by cookie", way=way):
                await talk(cluster.url, way)
    async with running_cluster(Plan("sse", 2, proxy, "address")) as cluster:
        with subtests.test("a stream, sticky by address"):
            url = f"http://{cluster.nodes[0].address}"
            address = cluster.nodes[0].ready.url.replace(url, f"http://127.0.0.1:{cluster.port}")
            async with members(registry.load("sse", ""), [address]) as (member,):
                assert isinstance(await member.connection.say("lab", "hello"), Said)
                await eventually(lambda: member.texts == ["hello"], "the text arrived")


async def talk(url: str, way: Sequence[Literal["polling", "websocket"]]) -> None:
    """A member joins, says three texts and gets them, over several requests of one session."""
    options = ConnectOptions(timeout_s=PATIENCE_S)
    member = Member("ada")
    member.connection = connection = SocketioConnection(member.events.append, way, options)
    await connection.open(url, options)
    try:
        await member.join()
        for text in "abc":
            assert isinstance(await connection.say("lab", text), Said)
        await eventually(lambda: member.texts == ["a", "b", "c"], "the text arrived")
    finally:
        await connection.close()
