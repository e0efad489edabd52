"""A journal in one SQLite file, with a write-ahead log beside it while it is open.

`normal`: a commit is written to the file system, and survives the end of the process. `full`: it is
also synchronised with the disk, and survives the end of the machine (SQLite, PRAGMA synchronous).
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from lab.chat.limits import Limits
from lab.chat.log import KeptEvent
from lab.chat.state import State
from lab.journal import entries as entries_
from lab.journal.contract import JournalError, JournalFullError, Saved
from lab.journal.entries import Entry
from lab.journal.replica import Snapshot, deciding

Sync = Literal["normal", "full"]

APPLICATION = 0x74_6C_61_62
"""The application id in the header of the file: `tlab` (SQLite file format, section 1.3.17)."""
VERSION = 1
"""The version of the tables, as the user version of the file (section 1.3.15)."""
HEADER_BYTES = 100
MAGIC = b"SQLite format 3\0"

LONGEST = 4096
"""The most entries after a snapshot. A start replays no more than these and one batch."""
LONGEST_BYTES = 8 << 20

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB NOT NULL);
CREATE TABLE logged (
    room TEXT, seq INTEGER, json BLOB NOT NULL, key BLOB, PRIMARY KEY (room, seq)
) WITHOUT ROWID;
"""

T = TypeVar("T")


class SqliteJournal:
    """See `Journal`. Opening creates the file if there is none, or an empty one.

    `most_pages`: the largest size of the file, in pages of 4 KiB; None: no bound.

    Raises:
        JournalError: another process uses the file, or it is no journal, or a damaged one, or one
            of a newer version. The file is as it was.
    """

    def __init__(
        self,
        path: Path,
        sync: Sync = "normal",
        limits: Limits | None = None,
        most_pages: int | None = None,
    ) -> None:
        self.waits = sync == "full"
        self._path = path
        self._limits = limits or Limits()
        self._closing = ExitStack()
        self._closing.callback(os.close, _locked(path))
        try:
            self._open(sync, most_pages)
        except BaseException:
            self.close()
            raise

    def _open(self, sync: Sync, most_pages: int | None) -> None:
        with self._translated():
            self._db = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
            self._closing.callback(self._db.close)
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("BEGIN EXCLUSIVE")
            if self._first("SELECT count(*) FROM sqlite_master") == 0:
                self._create()
            self._db.execute("COMMIT")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {sync}")
            if most_pages is not None:
                self._db.execute(f"PRAGMA max_page_count = {most_pages}")
            fault = self._first("PRAGMA quick_check(1)")
        if fault != "ok":
            raise JournalError(f"{self._path} is damaged: {fault}")

    def _create(self) -> None:
        for statement in filter(str.strip, _TABLES.split(";")):
            self._db.execute(statement)
        self._set("life", secrets.token_hex(8).encode())
        self._set("starts", b"0")
        self._set("limits", msgspec.json.encode(deciding(self._limits)))
        self._set("state", msgspec.msgpack.encode(State(0, [], [], [])))
        self._set("last", b"0")
        self._set("commits", b"0")
        self._db.execute(f"PRAGMA application_id = {APPLICATION}")
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    def load(self) -> Saved:
        """See `Journal`."""
        with self._translated(), self._reading():
            start = int(self._get("starts")) + 1
            self._next = int(self._get("last")) + 1
            self._commits = int(self._get("commits"))
            found = Saved(
                life=self._get("life").decode(),
                start=start,
                limits=msgspec.json.decode(self._get("limits"), type=Limits),
                state=msgspec.msgpack.decode(self._get("state"), type=State),
                kept=[
                    KeptEvent(*row)
                    for row in self._db.execute("SELECT * FROM logged ORDER BY room, seq")
                ],
                entries=list(self._entries()),
            )
            self._db.execute("BEGIN")
            self._set("starts", str(start).encode())
            self._db.execute("COMMIT")
        self._entries_bytes = 0
        self._since = len(found.entries)
        return found

    def _entries(self) -> Iterator[Entry]:
        for number, entry in self._db.execute("SELECT id, entry FROM entries ORDER BY id"):
            if number != self._next:
                raise JournalError(f"{self._path} is damaged: it has no entry {self._next}")
            self._next += 1
            yield entries_.decode(entry)

    def is_long(self) -> bool:
        """See `Journal`."""
        return self._since > LONGEST or self._entries_bytes > LONGEST_BYTES

    def commit(self, entries: Sequence[bytes], snapshot: Snapshot | None = None) -> None:
        """See `Journal`."""
        with self._transaction():
            if snapshot is not None:
                self._save(snapshot)
            numbered = enumerate(entries, self._next)
            self._db.executemany("INSERT INTO entries VALUES (?, ?)", numbered)
        self._next += len(entries)
        self._commits += bool(entries)
        self._since = len(entries) + (0 if snapshot else self._since)
        self._entries_bytes = sum(map(len, entries)) + (0 if snapshot else self._entries_bytes)

    def replace(self, limits: Limits, snapshot: Snapshot) -> None:
        """See `Journal`."""
        with self._transaction():
            self._db.execute("DELETE FROM logged")
            self._set("limits", msgspec.json.encode(deciding(limits)))
            self._save(snapshot)

    def close(self) -> None:
        """See `Journal`."""
        with suppress(sqlite3.Error):  # what was committed is in the write-ahead log
            self._closing.close()

    def _save(self, snapshot: Snapshot) -> None:
        """Replace the entries by the snapshot. The deletions come first, to make space."""
        run, run_all = self._db.execute, self._db.executemany
        run("DELETE FROM entries")
        run_all("DELETE FROM logged WHERE room = ?", [(room,) for room in snapshot.forgotten])
        run_all("DELETE FROM logged WHERE room = ? AND seq < ?", snapshot.oldest.items())
        run_all("INSERT INTO logged VALUES (?, ?, ?, ?)", snapshot.appended)
        self._set("state", msgspec.msgpack.encode(snapshot.state))
        self._set("last", str(self._next - 1).encode())
        self._set("commits", str(self._commits).encode())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of the block is kept, or nothing."""
        with self._translated():
            try:
                self._db.execute("BEGIN")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise an error of SQLite as one of `Journal`."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_FULL:
                raise JournalFullError from error
            if code == sqlite3.SQLITE_BUSY:
                raise JournalError(f"another process uses {self._path}") from error
            if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise JournalError(f"{self._path} is damaged: {error}") from error
            raise JournalError(f"can't use {self._path}: {error}") from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A value that can't be read means that the file is damaged."""
        try:
            yield
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            raise JournalError(f"{self._path} is damaged: {error}") from error

    def _first(self, statement: str) -> Any:
        return self._db.execute(statement).fetchone()[0]

    def _get(self, name: str) -> bytes:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise JournalError(f"{self._path} is damaged: it has no {name}")
        value: bytes = row[0]
        return value

    def _set(self, name: str, value: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _locked(path: Path) -> int:
    """Open and lock the file, before SQLite touches it; a new file is for its user alone.

    The lock is of `flock`: SQLite's own locks are lost once this process closes any descriptor of
    the file (SQLite, How To Corrupt, section 2.2).
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(f"can't open {path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _check_header(path, os.pread(descriptor, HEADER_BYTES, 0))
    except BlockingIOError:
        os.close(descriptor)
        raise JournalError(f"another process uses {path}") from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_header(path: Path, header: bytes) -> None:
    """Raise JournalError unless the file is empty, or a journal of this version."""
    if not header:
        return
    version, application = (int.from_bytes(header[at : at + 4]) for at in (60, 68))
    if len(header) < HEADER_BYTES or not header.startswith(MAGIC) or application != APPLICATION:
        raise JournalError(f"{path} is no journal of rooms: it is left as it is")
    if version > VERSION:
        raise JournalError(f"{path} is of version {version}, and this program reads {VERSION}")


def entries_per_commit(path: Path) -> float | None:
    """How many entries a commit has had, in the whole life of a journal that is closed in order.

    None: there was no commit with an entry.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        found = dict(db.execute("SELECT name, value FROM meta WHERE name IN ('last', 'commits')"))
    commits = int(found["commits"])
    return int(found["last"]) / commits if commits else None
