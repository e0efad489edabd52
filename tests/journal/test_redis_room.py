"""One room from its numbered entries: in their order only, and again from any snapshot."""

from __future__ import annotations

import pytest

from lab.chat import commands
from lab.chat.effects import Member
from lab.chat.limits import Limits
from lab.journal import entries
from lab.journal.contract import JournalError
from lab.journal.entries import Done, Entry, Gone
from lab.journal.redis import room as room_module
from lab.journal.redis.room import RoomReplica, Stored

LIMITS = Limits(members_per_room=2, log_events=5)
ENTRIES: list[Entry] = [
    Done(1, 1000, commands.Join(0, "lab", "ada")),
    Done(2, 1001, commands.Join(0, "lab", "ada")),
    Done(2, 1002, commands.Join(0, "lab", "bob", 0)),
    Done(2, 1003, commands.Say(1, "lab", "hi", "k")),
    Done(2, 1004, commands.Say(2, "lab", "again", "k")),
    Done(3, 1005, commands.Join(0, "lab", "cy")),
    Gone(1, "lost"),
    Gone(1, "lost"),
    Done(2, 1006, commands.Leave(3, "lab")),
    Done(3, 1007, commands.Join(0, "lab", "cy", 2)),
]
NOOPS = [0, 1, 1, 1, 2, 3, 3, 4, 4, 4]


def new() -> RoomReplica:
    return RoomReplica("lab", "x.1", LIMITS)


def stored(number: int, entry: Entry) -> Stored:
    return Stored(number, 1, 0, entries.encode(entry))


def test_a_room_goes_on_from_a_snapshot_after_any_entry() -> None:
    whole = new()
    for number, entry in enumerate(ENTRIES, 1):
        done = whole.apply(stored(number, entry))
        assert whole.noops == NOOPS[number - 1]
        copy = new()
        copy.restore(number, whole.snapshot())
        assert (copy.number, copy.noops) == (number, whole.noops)
        assert copy.snapshot() == whole.snapshot()
        assert done[0] == entry
        for later, other in enumerate(ENTRIES[number:], number + 1):
            copy.apply(stored(later, other))
        assert copy.number == len(ENTRIES)
        assert copy.is_inside(Member(3))
        assert not copy.is_inside(Member(2))
        page = copy.ask(Member(3), commands.History(1, "lab", 9))
        assert page == whole.ask(Member(3), commands.History(1, "lab", 9)) or whole.number < 10


def test_an_entry_that_is_not_the_next_one_is_refused() -> None:
    room = new()
    room.apply(stored(1, ENTRIES[0]))
    for number in (1, 3):
        with pytest.raises(JournalError, match="entry 2 of 'lab' is gone"):
            room.apply(stored(number, ENTRIES[1]))


def test_what_is_damaged_is_refused() -> None:
    with pytest.raises(JournalError, match="an entry of 'lab' is damaged"):
        new().apply(Stored(1, 1, 0, b"what"))
    with pytest.raises(JournalError, match="the snapshot of 'lab' is damaged"):
        new().restore(1, b"what")


def test_a_snapshot_is_due_after_so_many_entries_or_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room_module, "LONGEST", 3)
    room, due = new(), []
    for number, entry in enumerate(ENTRIES, 1):
        room.apply(stored(number, entry))
        due += [number] * room.is_due
    assert due == [3, 6, 9]
    monkeypatch.setattr(room_module, "LONGEST_BYTES", 1)
    room = new()
    room.apply(stored(1, ENTRIES[0]))
    assert room.is_due
