"""Nodes that share their rooms by the lab's journal: real processes, one of them killed."""

from __future__ import annotations

import asyncio
import signal

import psutil
import pytest

from lab.chat.events import Departed, Joined, Page, Refused, Said
from lab.cluster import registry
from lab.cluster.cluster import Plan, running_cluster
from lab.cluster.programs import missing
from lab.contract import ConnectOptions
from tests.cluster.test_cluster import PATIENCE_S, Member, members
from tests.conformance.served import eventually
from tests.interop.conftest import needs
from transports._node.versions import unavailable as node_unavailable
from transports._shared.extras import missing as missing_package

NAMES = ["websocket", "socketio", "node-websocket"]
"""One native transport and one of Socket.IO: what joins their nodes is the same. One in Node."""


def needs_all(name: str) -> None:
    needs(missing("redis-server") or missing_package("redis"))
    if name.startswith("node-"):
        needs(node_unavailable("ws"))


@pytest.mark.parametrize("name", NAMES)
async def test_nodes_that_are_joined_have_one_room(name: str, subtests: pytest.Subtests) -> None:
    needs_all(name)
    async with running_cluster(Plan(name, 2, joined=True)) as cluster:
        transport = registry.load(name, "")
        urls = [node.ready.url for node in cluster.nodes]
        assert not registry.lacks(name, joined=True)
        async with members(transport, urls) as (here, there):
            with subtests.test("texts of both arrive at both in one order"):
                said = [
                    member.connection.say("lab", f"{member.name}: {number}")
                    for number in range(20)
                    for member in (here, there)
                ]
                assert all(isinstance(it, Said) for it in await asyncio.gather(*said))
                await eventually(lambda: len(here.texts) == len(there.texts) == 40, "all texts")
                assert here.texts == there.texts
            with subtests.test("a name is taken at every node"):
                options = ConnectOptions(timeout_s=PATIENCE_S)
                other = await transport.connect(urls[1], lambda event: None, options)
                taken = await other.join("lab", here.name)
                assert isinstance(taken, Refused)
                assert taken.code == "name_taken"
                await other.close()
            with subtests.test("a room without members at a node costs it nothing"):
                before = (await cluster.nodes[1].counts()).reads  # type: ignore[union-attr]
                await here.connection.join("alone", "nobody hears")
                for _ in range(5):
                    assert isinstance(await here.connection.say("alone", "hello?"), Said)
                after = await cluster.nodes[1].counts()
                assert after is not None
                assert after.reads == before == after.concerned


@pytest.mark.parametrize("name", ["websocket", "node-websocket"])
async def test_members_of_a_node_that_dies_or_stops_depart_once(name: str) -> None:
    needs_all(name)
    async with running_cluster(Plan(name, 3, joined=True)) as cluster:
        transport = registry.load(name, "")
        urls = [node.ready.url for node in cluster.nodes]
        _, killed, stopped = cluster.nodes
        async with members(transport, urls) as (alive, first, second):
            last = await first.connection.say("lab", "last words", key="last")
            assert isinstance(last, Said)
            await eventually(lambda: second.texts == ["last words"], "the text arrived")
            killed.kill()
            process = psutil.Process(stopped.ready.pid)
            process.suspend()

            def lost() -> list[str]:
                return [it.name for it in alive.events if isinstance(it, Departed)]

            await eventually(lambda: len(lost()) == 2, "both departed")
            process.send_signal(signal.SIGCONT)
            # It finds out that it is out, and ends.
            async with asyncio.timeout(PATIENCE_S):
                await stopped.ended()
            back = Member(first.name)
            again = await back.connect(transport, urls[0])
            assert isinstance(again, Joined)
            assert await back.connection.say("lab", "last words", key="last") == Said(
                2, "lab", last.seq, last.at
            )
            page = await alive.connection.history("lab", 99)
            assert isinstance(page, Page)
            departed = [it.name for it in page.events if isinstance(it, Departed)]
            assert sorted(departed) == sorted([first.name, second.name])
            assert [it.seq for it in page.events] == [*range(1, len(page.events) + 1)]
            await back.connection.close()
