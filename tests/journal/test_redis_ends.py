"""What docs/scaling.md promises when Redis ends, is away, or another server takes its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
import pytest
from redis import asyncio as redis

from lab.chat import commands, events
from lab.chat.effects import Member
from lab.chat.events import Departed
from lab.cluster.programs import missing
from lab.cluster.redis import Redis, redis_server
from lab.journal.contract import JournalError
from lab.journal.redis.backplane import UnreachableError, _meaning
from lab.relay.relay import Relay
from tests.conformance.client import eventually
from tests.interop.conftest import needs
from tests.journal.redis_rooms import LEASE_S, NodeRoom, nodes
from tests.test_service import NOW_MS
from transports._shared.extras import missing as missing_package

LOST = "Redis has lost entries that it had acknowledged"
SHORT_S = 1.0
"""A lease that a test waits for."""


class Behind(NamedTuple):
    """A Redis server behind a relay, which can lead to another one, and two nodes."""

    stack: AsyncExitStack
    first: Redis
    relay: Relay
    here: NodeRoom
    there: NodeRoom

    def lead_to(self, other: Redis) -> None:
        self.relay.target_port = port_of(other)

    async def said(self, member: Member, *texts: str) -> list[int]:
        """Say texts here, and wait until all have been acknowledged. -> their `seq`."""
        before = len(self.here.replies())
        for number, text in enumerate(texts):
            self.here.do(member, commands.Say(number, "lab", text))
        await eventually(lambda: len(self.here.replies()) == before + len(texts), "replies")
        replies = self.here.replies()[before:]
        assert all(isinstance(reply, events.Said) for reply in replies), replies
        return [reply.seq for reply in replies if isinstance(reply, events.Said)]


def port_of(server: Redis) -> int:
    port = urlsplit(server.url).port
    assert port is not None
    return port


@asynccontextmanager
async def behind(
    folder: Path, fsync: str | None = "always", lease_s: float = LEASE_S
) -> AsyncIterator[Behind]:
    needs(missing("redis-server") or missing_package("redis"))
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(redis_server(folder, 0, fsync))
        relay = await stack.enter_async_context(Relay("127.0.0.1", port_of(first)))
        url = f"redis://127.0.0.1:{relay.port}"
        both = await stack.enter_async_context(nodes(url, "a", "b", lease_s=lease_s))
        yield Behind(stack, first, relay, *both)


async def replica_of(found: Behind, folder: Path) -> Redis:
    """Another Redis server that has all that the first one has."""
    folder.mkdir()
    other = await found.stack.enter_async_context(redis_server(folder))
    async with redis.Redis.from_url(found.first.url) as client:
        await client.config_set("repl-diskless-sync-delay", 0)
        async with redis.Redis.from_url(other.url) as follower:
            await follower.replicaof("127.0.0.1", port_of(found.first))
        await until(lambda: client.wait(1, 100))
    return other


async def until(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask until the answer is yes."""
    async with asyncio.timeout(60):
        while not await ask():
            await asyncio.sleep(0.01)


async def promote(server: Redis) -> None:
    async with redis.Redis.from_url(server.url) as client:
        await client.replicaof("NO", "ONE")


def kill(server: Redis) -> None:
    psutil.Process(server.program.pid).kill()


def texts(room: NodeRoom) -> list[str]:
    return [it.text for it in room.outlet.events() if isinstance(it, events.Message)]


@pytest.mark.parametrize("fsync", ["everysec", "no"])
async def test_an_ended_redis_has_what_was_acknowledged_or_its_nodes_end(
    tmp_path: Path, fsync: str
) -> None:
    async with behind(tmp_path, fsync) as found:
        ada, bob = await found.here.joined("ada"), await found.there.joined("bob")
        await found.said(ada, *map(str, range(200)))
        kill(found.first)
        again = await found.stack.enter_async_context(redis_server(tmp_path, 0, fsync))
        found.lead_to(again)
        found.there.do(bob, commands.Say(1, "lab", "after"))
        both = (found.here, found.there)
        await eventually(
            lambda: all("after" in texts(it) or it.chat.failure for it in both), "an outcome"
        )
        if any(it.chat.failure for it in both):
            assert fsync == "everysec"
            assert {str(it.chat.failure) for it in both} == {LOST}
        else:
            assert texts(found.here) == texts(found.there) == [*map(str, range(200)), "after"]


async def test_nodes_end_when_a_second_of_redis_is_lost(tmp_path: Path) -> None:
    """As when a machine ends before its disk has the last second."""
    async with behind(tmp_path, "everysec") as found:
        ada = await found.here.joined("ada")
        await found.there.joined("bob")
        await found.said(ada, *"abc")
        (kept,) = tmp_path.glob("appendonlydir/*.incr.aof")
        size = kept.stat().st_size
        await found.said(ada, *"def")
        kill(found.first)
        with kept.open("r+b") as file:
            file.truncate(size)
        again = await found.stack.enter_async_context(redis_server(tmp_path, 0, "everysec"))
        found.lead_to(again)
        for room in (found.here, found.there):
            await asyncio.wait_for(room.chat.failed.wait(), 60)
            assert str(room.chat.failure) == LOST
        # What is left is a room like any other: a client that knows more is told so.
        async with nodes(again.url, "c") as (third,):
            eve = third.attach()
            reply = await third.ask(eve, commands.Join(1, "lab", "eve", 8))
            assert isinstance(reply, events.Joined)
            assert reply.truncated


async def test_members_depart_once_when_redis_was_away_beyond_the_lease(tmp_path: Path) -> None:
    async with behind(tmp_path, lease_s=SHORT_S) as found:
        ada = await found.here.joined("ada")
        await found.there.joined("bob")
        await found.said(ada, "last words")
        process = psutil.Process(found.first.program.pid)
        process.suspend()
        found.here.do(ada, commands.Say(9, "lab", "into the void"))
        for room in (found.here, found.there):
            await asyncio.wait_for(room.chat.failed.wait(), 60)
            assert str(room.chat.failure).startswith("Redis has not answered for 1 s: ")
        assert [reply.id for reply in found.here.replies()] == [0, 0], "no reply to the last one"
        process.resume()
        async with nodes(found.first.url, "c", "d", lease_s=SHORT_S) as (third, _):
            eve = third.attach()
            assert isinstance(await third.ask(eve, commands.Join(1, "lab", "eve")), events.Joined)

            async def departed() -> list[tuple[str, str]]:
                page = await third.ask(eve, commands.History(2, "lab", 9))
                assert isinstance(page, events.Page)
                return [(it.name, it.why) for it in page.events if isinstance(it, Departed)]

            async def both() -> bool:
                return len(await departed()) >= 2

            await until(both)
            assert sorted(await departed()) == [("ada", "lost"), ("bob", "lost")]


@pytest.mark.parametrize("how", ["it ends", "it becomes the replica"])
async def test_a_replica_that_has_everything_goes_on(tmp_path: Path, how: str) -> None:
    async with behind(tmp_path) as found:
        ada, bob = await found.here.joined("ada"), await found.there.joined("bob")
        await found.said(ada, *"abc")
        other = await replica_of(found, tmp_path / "replica")
        if how == "it ends":
            kill(found.first)
            found.here.do(ada, commands.Say(9, "lab", "into the void"))
            await promote(other)
        else:
            await promote(other)
            async with redis.Redis.from_url(found.first.url) as client:
                await client.replicaof("127.0.0.1", port_of(other))
            found.here.do(ada, commands.Say(9, "lab", "into the void"))
        found.lead_to(other)
        await found.there.ask(bob, commands.Say(10, "lab", "and on"))
        for room in (found.here, found.there):
            await eventually(lambda room=room: len(texts(room)) == 5, "all texts")  # type: ignore[misc]
            assert room.chat.failure is None
        assert texts(found.here) == texts(found.there)


async def test_an_acknowledgement_does_not_wait_for_a_replica(tmp_path: Path) -> None:
    """So a failover may lose it. Every node that has read it notices, and ends."""
    async with behind(tmp_path) as found:
        ada = await found.here.joined("ada")
        await found.there.joined("bob")
        other = await replica_of(found, tmp_path / "replica")
        await promote(other)  # from here on it hears nothing
        await found.said(ada, "acknowledged")
        await found.there.sees(events.Message("lab", 3, "ada", "acknowledged", NOW_MS))
        kill(found.first)
        found.lead_to(other)
        for room in (found.here, found.there):
            await asyncio.wait_for(room.chat.failed.wait(), 60)
            assert str(room.chat.failure) == LOST


async def test_where_too_few_replicas_follow_nothing_is_acknowledged(tmp_path: Path) -> None:
    """`min-replicas-to-write`: commands are refused, and the leases end."""
    async with behind(tmp_path, lease_s=SHORT_S) as found:
        ada = await found.here.joined("ada")
        async with redis.Redis.from_url(found.first.url) as client:
            await client.config_set("min-replicas-to-write", 1)
        refused = await found.here.ask(ada, commands.Say(1, "lab", "nobody follows"))
        assert isinstance(refused, events.Refused)
        assert refused.code == "server_full"
        for room in (found.here, found.there):
            await asyncio.wait_for(room.chat.failed.wait(), 60)
            assert str(room.chat.failure) == "Redis has not answered for 1 s: it can't write"


def test_an_answer_to_what_redis_py_asks_by_itself_ends_no_node() -> None:
    error = redis.RedisError("unknown subcommand 'SETINFO'. Try CLIENT HELP.")
    assert isinstance(_meaning(error), UnreachableError)
    assert isinstance(_meaning(redis.RedisError("unknown subcommand")), JournalError)
