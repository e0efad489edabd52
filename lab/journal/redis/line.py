"""One connection to Redis that one task keeps: nothing stands between a command and its answer.

For each command redis-py takes a connection out of its pool, starts a task that writes, and sets
two timers. That is most of what it costs a node to ask often.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha1
from typing import Any

from redis import exceptions
from redis.asyncio.connection import AbstractConnection, ConnectionPool

Word = str | bytes | int


class Line:
    """A connection of a pool. One task at a time may ask; who asks sets a bound of time."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: AbstractConnection | None = None

    async def ask(self, *words: Word) -> Any:
        """Send a command, and wait for the answer: bytes, whole numbers, and lists of them.

        Raises:
            RedisError: the answer is an error, or there is no connection. The next call opens one.
        """
        if self._connection is None:
            self._connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
        await self._connection.send_packed_command(packed(words))
        return await self._connection.read_response()

    async def run(self, source: str, words: Sequence[Word]) -> Any:
        """Run a script, with these words as its ARGV. Raises as `ask` does."""
        try:
            return await self.ask("EVALSHA", _digest(source), 0, *words)
        except exceptions.NoScriptError:
            return await self.ask("EVAL", source, 0, *words)


@cache
def _digest(source: str) -> str:
    """How Redis names a script that it has run before."""
    return sha1(source.encode(), usedforsecurity=False).hexdigest()


def packed(words: Sequence[Word]) -> bytes:
    """A command as Redis reads it: an array of texts, each after its length in bytes (RESP)."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        text = word if isinstance(word, bytes) else str(word).encode()
        parts += (_head(len(text)), text, b"\r\n")
    return b"".join(parts)


@lru_cache(1024)
def _head(length: int) -> bytes:
    return b"$%d\r\n" % length
