"""A journal in memory. It survives the server that uses it, but not the process: for tests."""

from __future__ import annotations

from collections.abc import Sequence

from lab.chat.limits import Limits
from lab.chat.log import KeptEvent
from lab.chat.state import State
from lab.journal import entries as entries_
from lab.journal.contract import JournalFullError, Saved
from lab.journal.replica import Snapshot, deciding

NO_ROOMS = State(0, [], [], [])


class MemoryJournal:
    """See `Journal`. `longest`: the most entries before it wants a snapshot."""

    waits = False

    def __init__(self, limits: Limits | None = None, life: str = "1", longest: int = 1000) -> None:
        self._limits = deciding(limits or Limits())
        self._life = life
        self._longest = longest
        self._starts = 0
        self._state = NO_ROOMS
        self._kept: dict[str, dict[int, KeptEvent]] = {}
        self.entries: list[bytes] = []
        self.full = False

    def load(self) -> Saved:
        """See `Journal`."""
        self._starts += 1
        kept = [event for _, log in sorted(self._kept.items()) for event in log.values()]
        entries = list(map(entries_.decode, self.entries))
        return Saved(self._life, self._starts, self._limits, self._state, kept, entries)

    def is_long(self) -> bool:
        """See `Journal`."""
        return len(self.entries) > self._longest

    def commit(self, entries: Sequence[bytes], snapshot: Snapshot | None = None) -> None:
        """See `Journal`."""
        if self.full:
            raise JournalFullError
        if snapshot is not None:
            self._save(snapshot)
            self.entries.clear()
        self.entries += entries

    def replace(self, limits: Limits, snapshot: Snapshot) -> None:
        """See `Journal`."""
        self._kept.clear()
        self.commit([], snapshot)
        self._limits = deciding(limits)

    def close(self) -> None:
        """See `Journal`."""

    def _save(self, snapshot: Snapshot) -> None:
        self._state = snapshot.state
        for room in snapshot.forgotten:
            self._kept.pop(room, None)
        for event in snapshot.appended:
            self._kept.setdefault(event.room, {})[event.seq] = event
        for room, oldest in snapshot.oldest.items():
            log = self._kept[room]
            self._kept[room] = {seq: event for seq, event in log.items() if seq >= oldest}
