"""Rooms that a journal keeps are those that the same commands make without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat import commands
from lab.chat.effects import Member
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.journal import entries
from lab.journal.contract import Journal
from lab.journal.entries import Done, Entry, Gone
from lab.journal.memory import MemoryJournal
from lab.journal.recover import recover
from lab.journal.replica import Replica, deciding
from lab.journal.sqlite import SqliteJournal
from tests.chat.strategies import all_commands
from tests.chat.test_rooms_model import SMALL, anything

LIMITS = msgspec.structs.replace(SMALL, commands_per_s=None)
MEMBERS = st.integers(1, 4).map(Member)
STEPS = st.lists(
    st.builds(Gone, MEMBERS, st.sampled_from(["closed", "lost"]))
    | st.tuples(MEMBERS, st.integers(0, 10**13), anything),
    max_size=60,
)
Step = Gone | tuple[Member, int, commands.Command]


@contextmanager
def _in_memory() -> Iterator[Callable[[], Journal]]:
    journal = MemoryJournal(LIMITS, longest=10)
    yield lambda: journal


@contextmanager
def _in_sqlite() -> Iterator[Callable[[], Journal]]:
    with TemporaryDirectory() as folder:
        yield lambda: SqliteJournal(Path(folder, "rooms.db"), limits=LIMITS)


JOURNALS = {"memory": _in_memory, "sqlite": _in_sqlite}


def state_of(replica: Replica) -> tuple[Any, Any]:
    return replica.rooms.state(), replica.kept()


def without(steps: list[Step], life: str) -> Replica:
    """What the same steps make of rooms that nothing keeps, and no entry describes."""
    replica = Replica(LIMITS, life)
    for step in steps:
        if isinstance(step, Gone):
            replica.rooms.gone(Member(step.member), step.why)
        else:
            member, at_ms, command = step
            replica.rooms.apply(member, command, at_ms)
    for member in replica.members():
        replica.rooms.gone(member, "lost")
    return replica


@pytest.mark.parametrize("kind", JOURNALS)
@given(steps=STEPS, each=st.integers(1, 20), snapshots=st.booleans())
def test_a_replay_makes_the_same_rooms(
    kind: str, steps: list[Step], each: int, snapshots: bool
) -> None:
    with JOURNALS[kind]() as opened:
        journal = opened()
        life = _drive(journal, steps, each, snapshots)
        journal.close()
        again = opened()
        replica, first = recover(again, LIMITS)
        expected = without(steps, life)
        assert state_of(replica) == state_of(expected)
        assert first > 2**32, "a member's number is used again"
        # What the snapshot at the start has saved makes the same rooms once more.
        again.close()
        last = opened()
        assert state_of(recover(last, LIMITS).replica) == state_of(expected)
        last.close()


def _drive(journal: Journal, steps: list[Step], each: int, snapshots: bool) -> str:
    """Give the steps to the journal, `each` in a commit. Returns the life of its rooms."""
    life = journal.load().life
    replica = Replica(LIMITS, life)
    waiting: list[Entry] = []
    for number, step in enumerate(steps, 1):
        entry = step if isinstance(step, Gone) else _done(*step)
        if entry is not None:
            waiting.append(entry)
        if number % each == 0 or number == len(steps):
            snapshot = replica.snapshot() if snapshots else None
            journal.commit([entries.encode(entry) for entry in waiting], snapshot)
            if snapshot is not None:
                replica.saved()
            for entry in waiting:
                replica.apply(entry)
            waiting.clear()
    return life


def _done(member: Member, at_ms: int, command: commands.Command) -> Done | None:
    change = entries.changing(LIMITS, command)
    return None if change is None else Done(member, at_ms, change)


@given(member=MEMBERS, at_ms=st.integers(0, 2**53), command=all_commands)
def test_an_entry_is_read_as_it_was_written(
    member: Member, at_ms: int, command: commands.Command
) -> None:
    if isinstance(command, commands.Join | commands.Leave | commands.Say):
        entry = Done(member, at_ms, command)
        assert entries.decode(entries.encode(entry)) == entry


@given(steps=st.lists(st.tuples(MEMBERS, anything), max_size=30), last=anything)
def test_a_command_without_an_entry_changes_nothing(
    steps: list[tuple[Member, commands.Command]], last: commands.Command
) -> None:
    replica = Replica(LIMITS, "x")
    for member, command in steps:
        replica.rooms.apply(member, command, 0)
    before = state_of(replica)
    if entries.changing(LIMITS, last) is None:
        replica.ask(Member(1), last)
        assert state_of(replica) == before


def test_other_limits_keep_the_events_that_they_allow() -> None:
    journal = MemoryJournal(LIMITS)
    replica = recover(journal, LIMITS).replica
    ada = Member(1)
    said = [Done(ada, 5, commands.Say(0, "lab", str(number), f"k{number}")) for number in range(3)]
    added = [Done(ada, 5, commands.Join(0, "lab", "ada")), *said]
    journal.commit([entries.encode(entry) for entry in added])
    fewer = msgspec.structs.replace(LIMITS, log_events=2)
    replica = recover(journal, fewer).replica
    assert [event.seq for event in replica.kept()] == [4, 5]
    assert replica.rooms.limits == deciding(fewer)
    assert state_of(recover(journal, fewer).replica) == state_of(replica)


def test_only_the_limits_of_a_connection_decide_nothing() -> None:
    other = Limits(commands_per_s=1, command_burst=1, queue_bytes=1, frame_bytes=1)
    assert deciding(other) == deciding(Limits())
    assert deciding(Limits(rooms=1)) != deciding(Limits())


def test_a_member_is_inside_from_join_to_leave() -> None:
    rooms, ada = Rooms(), Member(1)
    assert not rooms.is_inside(ada)
    rooms.apply(ada, commands.Join(0, "lab", "ada"), 0)
    assert rooms.is_inside(ada)
    rooms.apply(ada, commands.Leave(0, "lab"), 0)
    assert not rooms.is_inside(ada)


@pytest.mark.parametrize("kind", JOURNALS)
def test_a_forgotten_room_is_forgotten_and_its_next_life_is_kept(kind: str) -> None:
    one_room = msgspec.structs.replace(LIMITS, rooms=1)
    ada = Member(1)

    def visit(room: str) -> list[Entry]:
        stay = commands.Join(0, room, "ada"), commands.Say(0, room, "hi"), commands.Leave(0, room)
        return [Done(ada, 5, command) for command in stay]

    with JOURNALS[kind]() as opened:
        journal = opened()
        replica = recover(journal, one_room).replica
        for room in ("lab", "pub", "lab"):
            entries_ = visit(room)
            journal.commit([entries.encode(entry) for entry in entries_], replica.snapshot())
            replica.saved()
            for entry in entries_:
                replica.apply(entry)
        journal.close()
        again = opened()
        found = recover(again, one_room).replica
        assert state_of(found) == state_of(replica)
        assert [(event.room, event.seq) for event in found.kept()] == [
            ("lab", 1),
            ("lab", 2),
            ("lab", 3),
        ]
        again.close()
