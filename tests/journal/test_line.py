"""A connection to Redis that one task keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis import asyncio as redis
from redis import exceptions
from redis.asyncio.connection import Connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from lab.journal.redis.line import Line, packed
from tests.journal.redis_rooms import redis_for_all


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_for_all(tmp_path_factory.mktemp("redis")) as found:
        yield found


@asynccontextmanager
async def lines(url: str) -> AsyncIterator[tuple[redis.Redis, Line]]:
    """A client of redis-py, and a line of its pool."""
    async with redis.Redis.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0)) as client:
        yield client, Line(client.connection_pool)


@pytest.mark.parametrize(
    "words",
    [("PING",), ("SET", "한", b"\r\n\x00"), ("EVAL", "return 1", 0), ("ECHO", ""), ("X", -12)],
)
def test_a_command_is_packed_as_redis_py_packs_it(words: tuple[str | bytes | int, ...]) -> None:
    assert packed(words) == b"".join(Connection().pack_command(*words))


async def test_a_script_runs_also_where_redis_has_forgotten_it(url: str) -> None:
    async with lines(url) as (client, line):
        for _ in range(2):
            assert await line.run("return {ARGV[1], 7}", (b"a b",)) == [b"a b", 7]
            await client.script_flush()


async def test_after_an_error_the_line_is_as_before(url: str) -> None:
    async with lines(url) as (_, line):
        with pytest.raises(exceptions.ResponseError, match="unknown command"):
            await line.ask("NONSENSE")
        assert await line.ask("ECHO", "again") == b"again"


async def test_a_connection_that_has_ended_is_opened_again(url: str) -> None:
    async with lines(url) as (client, line):
        number = await line.ask("CLIENT", "ID")
        await client.client_kill_filter(_id=number)
        with pytest.raises(exceptions.ConnectionError):
            await line.ask("ECHO", "lost")
        assert await line.ask("CLIENT", "ID") != number
