"""The service whose rooms a journal keeps: what changes a room is kept first, then carried out.

All commands of one turn of the event loop are one commit. Replies and broadcasts follow it. What
concerns only a connection, its pace and how much of it waits, is decided before.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from lab.chat import events
from lab.chat.effects import Member
from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.journal import entries
from lab.journal.contract import Journal, JournalError, JournalFullError
from lab.journal.entries import Entry, Gone
from lab.journal.recover import recover
from lab.journal.replica import Snapshot
from lab.service import no_reply, wall_clock_ms
from lab.service.paced import PacedChat, Received

RETRY_S = 1
"""How often departures are offered again to a journal that is full."""
FULL = "the journal has no space left: nothing has changed"

Failure = JournalError | JournalFullError | None


class _Step(NamedTuple):
    """One thing to do. `entry`: what the journal keeps before `run`. `refuse`: if it can't."""

    run: Callable[[], None]
    entry: Entry | None = None
    data: bytes = b""
    refuse: Callable[[], None] | None = None


class JournaledChat(PacedChat):
    """A `ChatService` whose rooms survive it.

    Members that were in the rooms before have departed as `lost`.

    Raises:
        JournalError, JournalFullError: see `recover`.
    """

    def __init__(
        self,
        journal: Journal,
        limits: Limits | None = None,
        clock: Callable[[], int] = wall_clock_ms,
    ) -> None:
        limits = limits or Limits()
        self._journal = journal
        self._replica, first = recover(journal, limits)
        super().__init__(self._replica.rooms, limits, clock)
        self._numbers = itertools.count(first)
        self._waiting: list[_Step] = []
        self._departures: list[_Step] = []
        """Those that a full journal has not kept yet."""
        self._retry: asyncio.TimerHandle | None = None
        self._committing: asyncio.Future[Failure] | None = None
        self._flushing = False
        self._settling = False
        self._worker = ThreadPoolExecutor(1, "journal") if journal.waits else None

    async def close(self) -> None:
        """Keep what waits, save a snapshot, and close the journal."""
        while self.failure is None and (self._waiting or self._committing is not None):
            if self._committing is not None:
                await asyncio.wait([self._committing])
            self._flush()
        if self._retry is not None:
            self._retry.cancel()
        if self.failure is None:
            self._save_last()
        if self._worker is not None:
            self._worker.shutdown()
        self._journal.close()

    def _save_last(self) -> None:
        with suppress(JournalError, JournalFullError):  # the next start replays the entries
            self._journal.commit([], self._replica.snapshot())

    # Called in turn: see `ChatService`.

    def _later(self, member: Member, run: Callable[[], None]) -> None:
        self._do(_Step(run))

    def _accept(self, received: Received) -> None:
        member, command, entry, data, reply = received

        def run() -> None:
            done = self._replica.apply(entry) if entry else self._replica.ask(member, command)
            self._charge(member, done)
            for effect in done:
                self._route(member, effect, reply)

        full = events.Refused(command.id, "server_full", FULL)
        self._do(_Step(run, entry, data, lambda: self._answer(member, full, reply)))

    def _remove(self, member: Member, why: Why) -> None:
        """End the connection at once. Its rooms learn of it when the journal has kept it."""
        if member not in self._outlets:
            return
        self._disconnect(member)
        # Where steps wait, one of them may be the member's `join`.
        if self._rooms.is_inside(member) or self._is_behind():
            gone = Gone(member, why)
            self._do(_Step(lambda: self._depart(gone), gone, entries.encode(gone)))

    def _depart(self, gone: Gone) -> None:
        for effect in self._replica.apply(gone):
            self._route(Member(gone.member), effect, no_reply)

    # The journal.

    def _do(self, step: _Step) -> None:
        """Do what needs no entry at once, unless earlier steps wait."""
        if self.failure is not None:
            return
        if step.entry is None and not self._is_behind():
            step.run()
            return
        self._waiting.append(step)
        self._flush_soon()

    def _is_behind(self) -> bool:
        """Whether earlier steps are not done yet."""
        return bool(self._waiting) or self._committing is not None or self._settling

    def _flush_soon(self) -> None:
        if not self._flushing and self._committing is None:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Keep what waits, and then do it."""
        self._flushing = False
        steps = self._departures + self._waiting
        if not steps or self._committing is not None or self.failure is not None:
            return
        self._departures, self._waiting = [], []
        self._waiting_bytes.clear()
        kept = [step.data for step in steps if step.entry is not None]
        if not kept:
            self._settle(steps, False, None)
            return
        snapshot = self._replica.snapshot() if self._journal.is_long() else None
        commit = partial(_commit, self._journal, kept, snapshot)
        settle = partial(self._settle, steps, snapshot is not None)
        if self._worker is None:
            settle(commit())
        else:
            loop = asyncio.get_running_loop()
            self._committing = loop.run_in_executor(self._worker, commit)
            self._committing.add_done_callback(partial(self._committed, settle))

    def _committed(
        self, settle: Callable[[Failure], None], committing: asyncio.Future[Failure]
    ) -> None:
        self._committing = None
        settle(committing.result())
        if self._waiting:
            self._flush_soon()

    def _settle(self, steps: list[_Step], saved: bool, error: Failure) -> None:
        """Carry out what the journal has kept, or refuse it."""
        if isinstance(error, JournalError):
            self.fail(error)
            return
        if saved and error is None:
            self._replica.saved()
        self._settling = True
        for step in steps:
            if error is None or step.entry is None:
                self._carry_out(step.run)
            elif step.refuse is not None:
                self._carry_out(step.refuse)
            else:
                self._departures.append(step)
        self._settling = False
        if self._departures:
            self._retry = asyncio.get_running_loop().call_later(RETRY_S, self._flush_soon)


def _commit(journal: Journal, kept: list[bytes], snapshot: Snapshot | None) -> Failure:
    """Commit. Returns what prevented it: the future of a thread's error would need a reader."""
    try:
        journal.commit(kept, snapshot)
    except (JournalError, JournalFullError) as error:
        return error
    return None
