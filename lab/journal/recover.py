"""Begins with what a journal holds: the rooms of before, without the members of before."""

from __future__ import annotations

from typing import NamedTuple

from lab.chat.limits import Limits
from lab.journal import entries
from lab.journal.contract import Journal, Saved
from lab.journal.entries import Gone
from lab.journal.replica import Replica, deciding


class Recovered(NamedTuple):
    """The rooms of a journal. No opening of the journal before had a member `first` or later."""

    replica: Replica
    first: int


MEMBERS_PER_START = 2**32


def recover(journal: Journal, limits: Limits) -> Recovered:
    """The rooms that the journal's entries make, under these limits.

    Their members have lost their connections: each departs as `lost`, and the journal keeps that.

    Raises:
        JournalError: the journal can't be read or written.
        JournalFullError: there is no space for the departures.
    """
    saved = journal.load()
    replica = _replayed(saved)
    lost = [Gone(member, "lost") for member in replica.members()]
    journal.commit([entries.encode(entry) for entry in lost])
    for entry in lost:
        replica.apply(entry)
    if saved.limits == deciding(limits):
        journal.commit([], replica.snapshot())
    else:
        replica = _with_limits(replica, saved.life, limits)
        snapshot = replica.snapshot()
        oldest = {event.room: event.seq for event in reversed(replica.kept())}
        whole = type(snapshot)(snapshot.state, [], replica.kept(), oldest)
        journal.replace(limits, whole)
    replica.saved()
    return Recovered(replica, saved.start * MEMBERS_PER_START)


def _replayed(saved: Saved) -> Replica:
    replica = Replica(saved.limits, saved.life)
    replica.restore(saved.state, saved.kept)
    for entry in saved.entries:
        replica.apply(entry)
    return replica


def _with_limits(replica: Replica, life: str, limits: Limits) -> Replica:
    other = Replica(limits, life)
    other.restore(replica.rooms.state(), replica.kept())
    return other
