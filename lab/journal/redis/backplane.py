"""What a node asks of Redis while it serves, and what Redis's errors mean to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, NamedTuple

import msgspec
from redis import asyncio as redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from lab.chat.effects import Member
from lab.journal.contract import JournalError, JournalFullError
from lab.journal.redis import scripts
from lab.journal.redis.claim import Claim
from lab.journal.redis.line import Line
from lab.journal.redis.room import RoomReplica, Stored

MOST_READ = 500
"""The most entries of one room that one answer brings."""
CLEARED = 1000
"""How many members of a dead node depart in one step. Redis does nothing else meanwhile."""
NOT_NOW = ("OOM", "MISCONF", "NOREPLICAS")
"""The first words of errors that mean: nothing was written. Later it may be."""
FOR_NOW = {
    "BUSY": "it runs another program's script",
    "UNBLOCKED": "it is becoming a replica",
    # How redis-py introduces each new connection, which Redis 7.0 does not know. The task that
    # waits for `typing` gets this answer if another one opens the connection again.
    "unknown subcommand 'SETINFO'": "another task has opened the connection again",
}
"""The first words of errors that mean nothing by themselves -> what they do mean."""
LOST_LEASE = "the other nodes have taken this one for dead"

Kind = Literal["join", "leave", "say", "gone", "noop"]


class UnreachableError(Exception):
    """Redis does not answer. Whether it did what it was asked is not known."""


class Append(NamedTuple):
    """What a node wants in a stream; see `scripts.APPEND`."""

    kind: Kind
    room: str
    member: int
    token: int | str
    data: bytes


def report(room: RoomReplica, member: Member) -> Append:
    """Let Redis know that the last entry has not let a member in, unless it is in the room.

    And how many entries of the room have changed nothing, for the listing.
    """
    outside = 0 if room.is_inside(member) else room.number
    return Append("noop", room.name, member, room.epoch, f"{room.noops} {outside}".encode())


class Typing(NamedTuple):
    """`name` is typing in a life of a room."""

    origin: int
    epoch: str
    name: str


class Loaded(NamedTuple):
    """A room as Redis has it: the last snapshot, and the entries after it."""

    number: int
    snapshot: bytes
    entries: list[Stored]


class Backplane:
    """The connections of one node to Redis.

    Raises, in every method:
        UnreachableError: it does not answer.
        JournalFullError: it has no space; nothing has changed.
        JournalError: the lease is over, or anything else.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._redis = redis.Redis.from_url(
            claim.url,
            protocol=2,
            socket_timeout=None,  # see `_translated`
            socket_connect_timeout=claim.lease_s / 2,
            retry=Retry(NoBackoff(), 0),
        )
        for command in ("XREAD", "XRANGE", "XREVRANGE"):
            self._redis.response_callbacks.pop(command, None)
        pool = self._redis.connection_pool
        self._appending, self._reading = Line(pool), Line(pool)
        self._woken = "0-0"
        self._scripts: dict[str, Any] = {}
        self._typing = self._redis.pubsub(ignore_subscribe_messages=True)

    async def append(
        self, batch: int, most_rooms: int, steps: Iterable[Append]
    ) -> list[tuple[str, int]]:
        """Append entries. The same batch may be sent again. -> see `scripts.APPEND`."""
        flat = [part for step in steps for part in (step.kind, _name(step.room), *step[2:])]
        args = (self.claim.start, batch, most_rooms, *flat)
        found = await self._run(scripts.APPEND, *args, line=self._appending)
        return [(word.decode(), number) for word, number in found]

    async def load(self, epoch: str, wanted: int) -> Loaded:
        """Read a room from its last snapshot before entry `wanted` on."""
        number, snapshot, entries = await self._run(scripts.LOAD, epoch, wanted)
        return Loaded(int(number), snapshot, [_stored(each) for each in entries])

    async def read(self, rooms: Iterable[RoomReplica]) -> dict[str, list[Stored]]:
        """Wait for the entries of these rooms that come next. -> epoch -> its entries."""
        log = scripts.PREFIX + "log:"
        after = {f"{log}{room.epoch}": f"{room.number}-0" for room in rooms}
        after[self._wake_key] = self._woken
        block_ms = round(self.claim.lease_s * 250)
        options = ("COUNT", MOST_READ, "BLOCK", block_ms, "STREAMS")
        async with self._translated():
            found = await self._reading.ask("XREAD", *options, *after, *after.values())
        entries = {key.decode(): listed for key, listed in found or ()}
        if self._wake_key in entries:
            self._woken = entries.pop(self._wake_key)[-1][0].decode()
        return {
            key.removeprefix(log): [_stored(each) for each in listed]
            for key, listed in entries.items()
        }

    async def rest(self, room: RoomReplica) -> list[Stored]:
        """All entries of a room that come next, without waiting."""
        log = f"{scripts.PREFIX}log:{room.epoch}"
        async with self._translated():
            found = await self._ask("XRANGE", log, f"{room.number + 1}-0", "+")
        return [_stored(each) for each in found]

    async def wake(self) -> None:
        """End the waiting of `read`, which does not know of a new room yet."""
        async with self._translated():
            await self._redis.xadd(self._wake_key, {"w": 1}, maxlen=1)

    async def has(self, room: RoomReplica, last: Stored) -> bool:
        """Whether Redis still has what it had: the last entry that was read, or later ones."""
        log, at = f"{scripts.PREFIX}log:{room.epoch}", f"{last.number}-0"
        async with self._translated():
            found = await self._ask("XRANGE", log, at, at)
            newest = await self._ask("XREVRANGE", log, "+", "-", "COUNT", 1)
        if not found:
            return bool(newest) and _number(newest[0][0]) > last.number
        return _stored(found[0]) == last

    async def listing(self, after: str | None, limit: int) -> list[tuple[str, int, int]]:
        """At most `limit` rooms after a name: their names, members and `seq`."""
        first = b"-" if after is None else b"(" + _name(after)
        found = await self._run(scripts.LIST, first, limit)
        return [(name.decode(), members, seq) for name, members, seq in found]

    async def save(self, room: str, epoch: str, number: int, snapshot: bytes) -> None:
        """Save a snapshot, and drop what no node reads any more."""
        await self._run(scripts.SNAPSHOT, room, epoch, number, snapshot)

    async def beat(self) -> list[int]:
        """Prolong the lease. -> the starts of nodes whose lease is over."""
        lease_ms = round(self.claim.lease_s * 1000)
        return [int(it) for it in await self._run(scripts.BEAT, self.claim.start, lease_ms)]

    async def clear(self, start: int) -> None:
        """Let all members of a node without a lease depart as `lost`."""
        while await self._run(scripts.CLEAR, self.claim.start, start, CLEARED):
            pass

    async def leave(self) -> None:
        """Give the lease back, and clear away what is left of this node."""
        await self._run(scripts.LEAVE, self.claim.start)
        await self.clear(self.claim.start)

    async def close(self) -> None:
        """Close the connections."""
        await self._typing.aclose()  # type: ignore[no-untyped-call]
        await self._redis.aclose()

    # `typing` goes around the streams: it is in no order, and may be lost.

    async def publish(self, typing: Iterable[Typing]) -> None:
        """Let the other nodes know who is typing."""
        async with self._translated(), self._redis.pipeline(transaction=False) as pipe:
            for each in typing:
                pipe.publish(_channel(each.epoch), msgspec.msgpack.encode(each))
            await pipe.execute()

    async def listen(self) -> None:
        """Open the connection on which `typing` waits."""
        await self.subscribe("")

    async def subscribe(self, epoch: str) -> None:
        """Listen for who is typing in a room."""
        async with self._translated():
            await self._typing.subscribe(_channel(epoch))

    async def unsubscribe(self, epoch: str) -> None:
        """End `subscribe`."""
        async with self._translated():
            await self._typing.unsubscribe(_channel(epoch))

    async def typing(self) -> Typing | None:
        """Wait for somebody who types; None: nobody did for a while."""
        async with self._translated():
            message = await self._typing.get_message(timeout=self.claim.lease_s / 4)
        if message is None or message["type"] != "message":
            return None
        return msgspec.msgpack.decode(message["data"], type=Typing)

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Raise an error of redis-py as what it means to a node."""
        try:
            async with asyncio.timeout(self.claim.lease_s / 2):
                yield
        except TimeoutError:
            raise UnreachableError("no answer in time") from None
        except exceptions.ReadOnlyError as error:
            # Another server may be at this address by now. An open connection leads to this one.
            await self._redis.connection_pool.disconnect()
            raise UnreachableError("it has become a replica") from error
        except (exceptions.RedisError, OSError, RuntimeError) as error:
            raise _meaning(error) from error

    @property
    def _wake_key(self) -> str:
        return f"{scripts.PREFIX}wake:{self.claim.start}"

    async def _ask(self, *words: Any) -> Any:
        return await self._redis.execute_command(*words)  # type: ignore[no-untyped-call]

    async def _run(self, source: str, *args: Any, line: Line | None = None) -> Any:
        """Run a script on a line; None: on any connection."""
        if source not in self._scripts:
            self._scripts[source] = self._redis.register_script(source)
        async with self._translated():
            if line is not None:
                return await line.run(source, args)
            return await self._scripts[source](keys=[], args=args)


def _meaning(error: Exception) -> Exception:
    """What an error of redis-py, or of asyncio below it, means to a node."""
    text = str(error)
    match error:
        case exceptions.AuthenticationError():
            return JournalError(f"Redis does not let this node in: {text}")
        case exceptions.ConnectionError() | exceptions.TimeoutError() | OSError() | RuntimeError():
            # RuntimeError: asyncio's, if two tasks read a connection that is being opened again.
            return UnreachableError(text)
        case exceptions.OutOfMemoryError():
            return JournalFullError()
    if text.startswith(NOT_NOW):
        return JournalFullError()
    for first_words, why in FOR_NOW.items():
        if text.startswith(first_words):
            return UnreachableError(why)
    if text.startswith(scripts.OUT):
        return JournalError(LOST_LEASE)
    return JournalError(f"Redis: {text}")


def _channel(epoch: str) -> str:
    return f"{scripts.PREFIX}typing:{epoch}"


def _name(room: str) -> bytes:
    return room.encode(errors="surrogatepass")


def _number(identifier: bytes) -> int:
    return int(identifier.partition(b"-")[0])


def _stored(entry: Sequence[Any]) -> Stored:
    identifier, (_, origin, _, token, _, data) = entry
    return Stored(_number(identifier), int(origin), int(token), data)
