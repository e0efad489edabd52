"""What a journal is: an ordered, durable sequence of entries, and a snapshot to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from lab.chat.limits import Limits
from lab.chat.log import KeptEvent
from lab.chat.state import State
from lab.journal.entries import Entry
from lab.journal.replica import Snapshot


class JournalError(Exception):
    """The journal can't be used, or no longer: one sentence says why."""


class JournalFullError(Exception):
    """The entries are not kept, none of them: there is no space. Later ones may be."""


class Saved(NamedTuple):
    """What a journal held when it was opened.

    `life`: of the rooms, see `Rooms`. `start`: which opening of the journal this is, from 1.
    `limits`: those under which the entries were decided. `state` and `kept`: the last snapshot.
    `entries`: those after it.
    """

    life: str
    start: int
    limits: Limits
    state: State
    kept: Sequence[KeptEvent]
    entries: Sequence[Entry]


class Journal(Protocol):
    """Keeps entries in order. One server uses it at a time."""

    waits: bool
    """Whether `commit` waits for a disk, so that a thread has to call it."""

    def load(self) -> Saved:
        """What it held when it was opened. Called once, before the first `commit`.

        Raises:
            JournalError: what it holds can't be read.
        """

    def is_long(self) -> bool:
        """Whether there are so many entries after the snapshot that it wants another one."""

    def commit(self, entries: Sequence[bytes], snapshot: Snapshot | None = None) -> None:
        """Save the snapshot, which replaces all entries of before, and keep these entries.

        All or nothing. When it returns, they survive the end of this process.

        Raises:
            JournalFullError: there is no space. Nothing has changed.
            JournalError: anything else. Whether the entries are kept is not known.
        """

    def replace(self, limits: Limits, snapshot: Snapshot) -> None:
        """Save a snapshot that has the whole logs, with other limits. Raises as `commit` does."""

    def close(self) -> None:
        """Close it. Later calls are not allowed."""
