"""What the services with a journal share: what concerns one connection is decided before an entry.

That is its pace, and how much of it waits for the journal. Once it has ended, its outlet is not
called again, whatever the journal brings.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from lab.chat import commands, effects, events
from lab.chat.admission import Pace, RefusedError
from lab.chat.commands import Command
from lab.chat.effects import Effect, Member
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms, entries_in
from lab.journal import entries
from lab.journal.contract import JournalError
from lab.journal.entries import Done
from lab.service import ChatService

Answer = Callable[[events.Reply], None]


class Received(NamedTuple):
    """A command that the pace allows. `entry`, with its bytes: None if it changes no room."""

    member: Member
    command: Command
    entry: Done | None
    data: bytes
    reply: Answer


class PacedChat(ChatService):
    """A `ChatService` that carries commands out later than it receives them."""

    def __init__(self, rooms: Rooms, limits: Limits, clock: Callable[[], int]) -> None:
        super().__init__(rooms, clock)
        self._limits = limits
        self._pace = Pace(limits)
        self._entered: dict[Member, list[str]] = {}
        """The rooms whose broadcasts each connection receives."""
        self._waiting_bytes: dict[Member, int] = {}
        self.failed = asyncio.Event()
        self.failure: JournalError | None = None
        """Why the journal can't be used any more. Then the server has to end."""

    @property
    def limits(self) -> Limits:
        """See `contract.Chat`."""
        return self._limits

    async def begin(self) -> None:
        """Begin to use the journal, before anything is served.

        Raises:
            JournalError: it can't be used.
        """

    @abstractmethod
    async def close(self) -> None:
        """Keep what waits, and close the journal."""

    def fail(self, error: JournalError) -> None:
        """The journal can't be used any more. From now on nothing is answered."""
        if self.failure is None:
            self.failure = error
            self.failed.set()

    @abstractmethod
    def _later(self, member: Member, run: Callable[[], None]) -> None:
        """Do something when what the member sent before is done."""

    @abstractmethod
    def _accept(self, received: Received) -> None:
        """Carry out a command when what the member sent before is done."""

    # Called in turn: see `ChatService`.

    def _apply(self, member: Member, command: Command, reply: Answer) -> None:
        if member not in self._outlets:
            return
        now_ms = self._clock()
        change = entries.changing(self._limits, command)
        entry = None if change is None else Done(member, now_ms, change)
        data = b"" if entry is None else entries.encode(entry)
        try:
            self._pace.check(member, now_ms)
            self._check_waiting(member, len(data))
        except RefusedError as refusal:
            if not isinstance(command, commands.Typing):
                refused = events.Refused(command.id, refusal.code, str(refusal))
                self._later(member, partial(self._answer, member, refused, reply))
            return
        self._accept(Received(member, command, entry, data, reply))

    def _check_waiting(self, member: Member, size: int) -> None:
        """Bound what waits for the journal, as `queue_bytes` bounds what waits for the client."""
        waiting = self._waiting_bytes.get(member, 0) + size
        if waiting > self._limits.queue_bytes:
            raise RefusedError("too_fast", "the journal has not kept your last commands yet")
        self._waiting_bytes[member] = waiting

    def _refuse(self, member: Member, refusal: events.Refused, reply: Answer) -> None:
        if member not in self._outlets:
            return
        try:
            self._pace.check(member, self._clock())
        except RefusedError as too_fast:
            refusal = events.Refused(refusal.id, too_fast.code, str(too_fast))
        self._later(member, partial(self._answer, member, refusal, reply))

    def _charge(self, member: Member, done: list[Effect]) -> None:
        """Take the tokens for what a command has brought, besides its own."""
        if self._limits.commands_per_s is not None:
            self._pace.charge(member, entries_in(done))

    def _disconnect(self, member: Member) -> None:
        """Forget a connection. Its rooms learn of it from the journal."""
        for room in self._entered.pop(member, ()):
            self._exit(member, room)
        del self._outlets[member]
        self._waiting_bytes.pop(member, None)
        self._pace.forget(member)

    def _answer(self, member: Member, event: events.Reply, reply: Answer) -> None:
        if member in self._outlets:
            reply(event)

    def _route(self, member: Member, effect: Effect, reply: Answer) -> None:
        if member in self._outlets or isinstance(effect, effects.Broadcast):
            super()._route(member, effect, reply)

    def _enter(self, member: Member, room: str) -> None:
        self._entered.setdefault(member, []).append(room)
        super()._enter(member, room)

    def _exit(self, member: Member, room: str) -> None:
        if member in self._entered:
            self._entered[member].remove(room)
        super()._exit(member, room)

    def _carry_out(self, job: Callable[[], None]) -> None:
        """Do one of several jobs: an outlet that fails must not keep the others from theirs."""
        try:
            self._in_turn(job)
        except Exception as error:
            report = {"message": "an outlet of the room failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(report)
