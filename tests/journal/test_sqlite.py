"""The file of a journal: what it refuses, what it survives, and that it never loses what it has."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pytest import Subtests

from lab.chat import commands
from lab.chat.effects import Member
from lab.chat.limits import Limits
from lab.journal import entries, sqlite
from lab.journal.contract import JournalError, JournalFullError
from lab.journal.entries import Done
from lab.journal.recover import recover
from lab.journal.sqlite import SqliteJournal

ADA = Member(7)


def entry(command: commands.Join | commands.Leave | commands.Say) -> bytes:
    return entries.encode(Done(ADA, 5, command))


def said(number: int, text: str = "hi") -> bytes:
    return entry(commands.Say(0, "lab", text, f"k{number}"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rooms.db"


@pytest.fixture
def written(path: Path) -> Path:
    """A journal with a room of three messages, closed."""
    journal = SqliteJournal(path)
    recover(journal, Limits())
    journal.commit([entry(commands.Join(0, "lab", "ada")), *map(said, range(3))])
    journal.close()
    return path


def damaged(source: Path, path: Path, statement: str) -> Path:
    shutil.copy(source, path)
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()
    return path


def test_what_is_no_journal_is_refused_and_left_as_it_is(
    written: Path, tmp_path: Path, subtests: Subtests
) -> None:
    whole = written.read_bytes()
    (text := tmp_path / "text").write_text("dear diary\n" * 100)
    (short := tmp_path / "short").write_bytes(whole[:50])
    (torn := tmp_path / "torn").write_bytes(whole[: len(whole) // 2])
    foreign = damaged(written, tmp_path / "foreign", "PRAGMA application_id = 1")
    newer = damaged(written, tmp_path / "newer", "PRAGMA user_version = 99")
    gap = damaged(written, tmp_path / "gap", "DELETE FROM entries WHERE id = 2")
    nonsense = damaged(
        written, tmp_path / "nonsense", "UPDATE entries SET entry = 'no' WHERE id = 2"
    )
    state = damaged(
        written, tmp_path / "state", "UPDATE meta SET value = x'ff' WHERE name = 'state'"
    )
    without = damaged(written, tmp_path / "without", "DELETE FROM meta WHERE name = 'life'")
    table = damaged(written, tmp_path / "table", "DROP TABLE logged")
    reasons = {
        text: "is no journal of rooms",
        short: "is no journal of rooms",
        foreign: "is no journal of rooms",
        newer: "is of version 99",
        torn: "is damaged",
        gap: "it has no entry",
        nonsense: "is damaged",
        state: "is damaged",
        without: "it has no life",
        table: "logged",
    }
    for path, reason in reasons.items():
        with subtests.test(path.name):
            before = path.read_bytes()
            with pytest.raises(JournalError, match=reason):
                _opened(path)
            assert path.read_bytes() == before
            assert "\n" not in reason


def _opened(path: Path) -> None:
    journal = SqliteJournal(path)
    try:
        recover(journal, Limits())
    finally:
        journal.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "Is a directory"), ("none/rooms.db", "No such file or directory")],
    ids=["a folder", "in no folder"],
)
def test_a_path_that_can_be_no_file_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(JournalError, match=reason):
        SqliteJournal(tmp_path / name)


def test_a_file_is_its_users_alone_and_that_of_one_process(path: Path) -> None:
    journal = SqliteJournal(path)
    recover(journal, Limits())
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(JournalError, match="another process uses"):
        SqliteJournal(path)
    other = subprocess.run(
        [sys.executable, "-m", "lab.cli", "serve", "websocket", "--durable", str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert other.returncode == 2
    assert other.stderr.splitlines()[-1] == f"Error: another process uses {path}"
    journal.commit([entry(commands.Join(0, "lab", "ada"))])
    journal.close()
    _opened(path)


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    _opened(path)
    assert path.stat().st_size > 0


@pytest.mark.parametrize("sync", ["normal", "full"])
def test_a_killed_process_leaves_what_it_has_committed(path: Path, sync: sqlite.Sync) -> None:
    """A copy of both files is what a process leaves that is killed at this moment."""
    journal = SqliteJournal(path, sync)
    assert journal.waits == (sync == "full")
    recover(journal, Limits())
    journal.commit([entry(commands.Join(0, "lab", "ada")), said(1)])
    journal.commit([said(2)])
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    shutil.copy(f"{path}-wal", f"{copy}-wal")
    journal.close()
    replica = recover(SqliteJournal(copy), Limits()).replica
    assert [event.seq for event in replica.kept()] == [1, 2, 3, 4]  # the departure is the last


def test_a_full_journal_keeps_nothing_of_a_commit_and_goes_on_with_space(path: Path) -> None:
    journal = SqliteJournal(path, most_pages=40)
    replica = recover(journal, Limits()).replica
    journal.commit([entry(commands.Join(0, "lab", "ada"))])
    kept = 0
    with pytest.raises(JournalFullError):
        for number in range(1000):
            journal.commit([said(number, "x" * 3000)])
            kept += 1
    assert 0 < kept < 40
    with pytest.raises(JournalFullError):
        journal.commit([said(1001), *(said(1002 + more, "x" * 60_000) for more in range(4))])
    journal.close()
    again = SqliteJournal(path)
    replica = recover(again, Limits()).replica
    assert len(replica.kept()) == kept + 2
    again.commit([said(2000)])
    again.close()


def test_a_snapshot_replaces_the_entries_and_only_adds_what_is_new(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LONGEST", 10)
    limits = Limits(log_events=5)
    journal = SqliteJournal(path, limits=limits)
    replica = recover(journal, limits).replica
    for number in range(100):
        command = commands.Say(0, "lab", str(number)) if number else commands.Join(0, "lab", "ada")
        done = Done(ADA, number, command)
        snapshot = replica.snapshot() if journal.is_long() else None
        assert snapshot is None or len(snapshot.appended) <= limits.log_events
        journal.commit([entries.encode(done)], snapshot)
        if snapshot is not None:
            replica.saved()
        replica.apply(done)
    journal.close()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM entries").fetchone()[0] <= 12
        assert db.execute("SELECT count(*) FROM logged").fetchone()[0] == 5
    db.close()
    found = recover(SqliteJournal(path, limits=limits), limits).replica
    assert [event.seq for event in found.kept()] == [97, 98, 99, 100, 101]
