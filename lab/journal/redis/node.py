"""A node while it serves: appends in batches, reads the streams of its rooms, keeps its lease.

Three tasks run side by side. Where Redis does not answer, each asks again until the lease is over.
Then the node is out: it can't know what the others have done since.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar

from lab.chat.effects import Member
from lab.chat.limits import Limits
from lab.journal.contract import JournalError, JournalFullError
from lab.journal.redis.backplane import (
    LOST_LEASE,
    Append,
    Backplane,
    Typing,
    UnreachableError,
    report,
)
from lab.journal.redis.claim import Claim
from lab.journal.redis.room import RoomReplica, Stored

MOST_STEPS = 500
"""The most steps of one batch. Redis does nothing else meanwhile."""
BATCH_BYTES = 4 << 20
MOST_LOADS = 16
"""How many rooms are loaded side by side, each by a connection of its own."""
MOST_TYPING = 1000
"""How many notices of typing may wait; more are dropped."""
AGAIN_S = 0.05
FULL_S = 1.0
"""How long what can't be refused waits for a Redis server without memory."""

Listed = list[tuple[str, int, int]]
T = TypeVar("T")


class Place(Protocol):
    """Whom a node serves. All is called in the event loop."""

    failed: asyncio.Event
    failure: JournalError | None
    """Why the node is out. Then it can't serve any more."""

    def fail(self, error: JournalError) -> None:
        """The node is out."""

    def take(self, room: RoomReplica, stored: Stored) -> None:
        """Apply the next entry of a room, and do what follows.

        Raises:
            JournalError: see `RoomReplica.apply`, or the lease is over.
        """

    def awaits(self, step: Append) -> bool:
        """Whether the entry of a step has not been taken yet."""

    def refused(self, step: Append, why: str) -> None:
        """A step has no entry: `out`, `full`, or `space`: Redis has no memory."""

    def needs(self, room: str) -> bool:
        """Whether somebody here is in a room, or may be soon."""

    def typing(self, room: str, name: str) -> None:
        """Somebody types at another node."""


class Node:
    """The rooms in which a node has members. See `begin` for when it does something."""

    def __init__(self, claim: Claim, limits: Limits, place: Place) -> None:
        self.rooms: dict[str, RoomReplica] = {}
        self.reads = self.read_bytes = self.concerned = 0
        """Entries that came from Redis, their bytes, and those of rooms with members here."""
        self._start = claim.start
        self._limits = limits
        self._place = place
        self.backplane = Backplane(claim)
        self._lease_s = claim.lease_s
        self._lease_until = time.monotonic() + claim.lease_s
        self._waiting: list[Append] = []
        self._listings: list[tuple[str | None, int, Callable[[Listed], None]]] = []
        self._typing: list[Typing] = []
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._batch = 0
        self._last: dict[str, Stored] = {}
        """Room -> the last entry that was read."""
        self._wanted: dict[str, tuple[str, int]] = {}
        """Rooms that are being opened -> the epoch and the number of an entry of this node."""
        self._loads = asyncio.Semaphore(MOST_LOADS)
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Clear away nodes that are dead, and begin to read and to append.

        Raises:
            JournalError: the lease is over, or Redis does not answer any more.
        """
        await self._beat()
        await self._insist(self.backplane.listen)
        for job in (self._keep_lease(), self._append_all(), self._read_all(), self._hear_typing()):
            self._run(job)

    async def close(self) -> None:
        """Append what waits, give the lease back, and end."""
        if self._place.failure is None and self._tasks:
            self._work.set()
            self._idle.clear()
            ends = [asyncio.ensure_future(it.wait()) for it in (self._idle, self._place.failed)]
            await asyncio.wait(ends, timeout=self._lease_s, return_when=asyncio.FIRST_COMPLETED)
            for each in ends:
                each.cancel()
        await self._end_tasks()
        if self._place.failure is None:
            with suppress(UnreachableError, JournalError, JournalFullError):
                await self.backplane.leave()
        await self.backplane.close()

    def append(self, step: Append) -> None:
        """Append a step with what else this turn of the event loop brings."""
        self._waiting.append(step)
        self._work.set()

    def list_rooms(self, after: str | None, limit: int, done: Callable[[Listed], None]) -> None:
        """Ask for rooms, after what was appended before is there."""
        self._listings.append((after, limit, done))
        self._work.set()

    def tell_typing(self, room: RoomReplica, name: str) -> None:
        """Let the other nodes know that somebody types here."""
        if len(self._typing) < MOST_TYPING:
            self._typing.append(Typing(self._start, room.epoch, name))
            self._work.set()

    def is_out(self) -> bool:
        """Whether the lease is over, as far as this node can know. It fails then."""
        if self._place.failure is None and time.monotonic() > self._lease_until:
            self._place.fail(JournalError(LOST_LEASE))
        return self._place.failure is not None

    def drop(self, names: Iterable[str]) -> None:
        """Read these rooms no more, as far as nobody here needs them."""
        for name in names:
            room = self.rooms.get(name)
            if room is not None and not self._place.needs(name):
                self._drop(room)

    # The lease.

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            await self._beat()

    async def _beat(self) -> None:
        sent = time.monotonic()
        dead = await self._insist(partial(_writing, self.backplane.beat))
        self._lease_until = sent + self._lease_s
        for start in dead:
            await self._insist(partial(_writing, partial(self.backplane.clear, start)))

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask Redis until it answers.

        Raises:
            JournalError: the lease is over meanwhile, or see `Backplane`.
        """
        while True:
            try:
                return await ask()
            except UnreachableError as error:
                if time.monotonic() > self._lease_until:
                    why = f"Redis has not answered for {self._lease_s:g} s: {error}"
                    raise JournalError(why) from None
                await asyncio.sleep(AGAIN_S)

    # What goes to Redis.

    async def _append_all(self) -> None:
        while True:
            if not (self._waiting or self._listings or self._typing):
                self._idle.set()
                await self._work.wait()
            self._work.clear()
            listings, self._listings = self._listings, []
            typing, self._typing = self._typing, []
            while steps := self._next_batch():
                await self._append(steps)
            for after, limit, done in listings:
                done(await self._insist(partial(self.backplane.listing, after, limit)))
            if typing:
                with suppress(UnreachableError, JournalFullError):
                    await self.backplane.publish(typing)

    def _next_batch(self) -> list[Append]:
        size = count = 0
        for step in self._waiting[:MOST_STEPS]:
            size += len(step.data)
            if count and size > BATCH_BYTES:
                break
            count += 1
        steps, self._waiting = self._waiting[:count], self._waiting[count:]
        return steps

    async def _append(self, steps: list[Append]) -> None:
        self._batch += 1
        append = partial(self.backplane.append, self._batch, self._limits.rooms, steps)
        try:
            results = await append()
        except UnreachableError:
            # The first time may have been carried out, so no answer but its own will do.
            results = await self._insist(partial(_writing, append))
        except JournalFullError:
            self._have_no_space(steps)
            return
        for step, (word, number) in zip(steps, results, strict=True):
            if not number:
                self._place.refused(step, word)
            elif self._place.awaits(step):
                self._expect(step, word, number)
        self.drop({step.room for step in steps})

    def _have_no_space(self, steps: list[Append]) -> None:
        """Refuse what has a client that waits for an answer. The rest is offered again."""
        later = []
        for step in steps:
            if step.kind in {"gone", "noop"}:
                later.append(step)
            else:
                self._place.refused(step, "space")
        if later:
            asyncio.get_running_loop().call_later(FULL_S, self._offer, later)

    def _offer(self, later: list[Append]) -> None:
        self._waiting = later + self._waiting
        self._work.set()

    def _expect(self, step: Append, epoch: str, number: int) -> None:
        """Read the room of an entry that is in its stream, and has not been read."""
        room = self.rooms.get(step.room)
        if room is not None and room.epoch == epoch:
            if number <= room.number:
                raise JournalError("Redis has lost entries that it had acknowledged")
            return
        is_opening = step.room in self._wanted
        if not is_opening or self._wanted[step.room][0] != epoch:
            self._wanted[step.room] = (epoch, number)
        if not is_opening:
            self._run(self._open(step.room))

    # What comes from Redis.

    async def _open(self, name: str) -> None:
        """Open the life of a room in which an entry of this node is.

        And the next life, if that one is over by then.
        """
        while (wanted := self._wanted.get(name)) is not None:
            async with self._loads:
                room, entries = await self._load(name, *wanted)
            if self._wanted[name] == wanted:
                del self._wanted[name]
            self.rooms[name] = room
            self._take_all(room, entries)
            if room.noops:  # a node that is dead may not have reported them
                self.append(report(room, Member(0)))
        with suppress(JournalFullError):  # then the reader sees the room a little later
            await self._insist(self.backplane.wake)

    async def _load(self, name: str, epoch: str, number: int) -> tuple[RoomReplica, list[Stored]]:
        """The room before entry `number`, and this entry, with those around it."""
        if (before := self.rooms.get(name)) is not None:
            await self._finish(before)
        room = RoomReplica(name, epoch, self._limits)
        await self._insist(partial(self.backplane.subscribe, epoch))
        loaded = await self._insist(partial(self.backplane.load, epoch, number))
        if loaded.number:
            room.restore(loaded.number, loaded.snapshot)
        return room, loaded.entries

    async def _finish(self, room: RoomReplica) -> None:
        """Take what is left of a life that is over, before the next one begins."""
        self._take_all(room, await self._insist(partial(self.backplane.rest, room)))
        if self.rooms.get(room.name) is room:
            self._drop(room)

    async def _read_all(self) -> None:
        while True:
            try:
                found = await self.backplane.read(self.rooms.values())
            except UnreachableError:
                await self._reconnect()
                continue
            by_epoch = {room.epoch: room for room in self.rooms.values()}
            for epoch, entries in found.items():
                if epoch in by_epoch:
                    self._take_all(by_epoch[epoch], entries)
                else:
                    self._count(entries)

    async def _reconnect(self) -> None:
        """Wait for Redis, and make sure that it has lost nothing of what was read."""
        for name, last in [*self._last.items()]:
            room = self.rooms.get(name)
            if room is None or last.number != room.number:
                continue
            if not await self._insist(partial(self.backplane.has, room, last)):
                raise JournalError("Redis has lost entries that it had acknowledged")
        await asyncio.sleep(AGAIN_S)

    def _count(self, entries: list[Stored]) -> None:
        self.reads += len(entries)
        self.read_bytes += sum(len(stored.data) for stored in entries)

    def _take_all(self, room: RoomReplica, entries: list[Stored]) -> None:
        self._count(entries)
        name, take, needs = room.name, self._place.take, self._place.needs
        for stored in entries:
            if self.rooms.get(name) is not room:
                return
            if stored.number <= room.number:
                continue
            self.concerned += needs(name)
            self._last[name] = stored
            take(room, stored)
            if room.is_due and stored.origin == self._start:
                self._run(self._save(name, room.epoch, room.number, room.snapshot()))
        self.drop([name])

    async def _save(self, name: str, epoch: str, number: int, snapshot: bytes) -> None:
        with suppress(UnreachableError, JournalFullError):  # the next one replaces it
            await self.backplane.save(name, epoch, number, snapshot)

    def _drop(self, room: RoomReplica) -> None:
        del self.rooms[room.name]
        self._last.pop(room.name, None)
        self._run(self._unsubscribe(room.epoch))

    async def _unsubscribe(self, epoch: str) -> None:
        with suppress(UnreachableError):
            await self.backplane.unsubscribe(epoch)

    async def _hear_typing(self) -> None:
        while True:
            try:
                heard = await self.backplane.typing()
            except UnreachableError:
                await asyncio.sleep(AGAIN_S)
                continue
            if heard is None or heard.origin == self._start:
                continue
            for room in [*self.rooms.values()]:
                if room.epoch == heard.epoch:
                    self._place.typing(room.name, heard.name)

    # Tasks.

    async def _end_tasks(self) -> None:
        """Cancel the tasks until they end: in Python 3.11 `wait_for` may swallow the first time."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait([*self._tasks], timeout=AGAIN_S)

    def _run(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        """Fail with the job: without one of its tasks a node is none."""
        try:
            await job
        except JournalError as error:
            self._place.fail(error)
        except Exception as error:
            report = {"message": "a node failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(report)
            self._place.fail(JournalError(f"{type(error).__name__}: {error}"))


async def _writing(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask for what has to be written: that there is no space is no answer."""
    try:
        return await ask()
    except JournalFullError:
        raise UnreachableError("it can't write") from None
