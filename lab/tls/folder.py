"""A folder for keys: only this user can read it, and it does not outlive its process for long.

A process that is killed can delete nothing. So it holds a lock on a file in the folder, which ends
with the process, and the next process that makes a folder deletes those whose lock has ended.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELD = "held"
"""The file with the lock. It gets this name when the lock is on it, so that no other process finds
it before. A folder without it belongs to somebody else."""


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A new folder whose name begins with `prefix`; it is deleted when the context is left."""
    delete_left(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix) as made:
        folder = Path(made)
        locking = folder / "locking"
        with locking.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            locking.rename(folder / HELD)
            yield folder


def delete_left(prefix: str) -> None:
    """Delete the folders with this prefix whose process has ended without deleting them."""
    for held in Path(tempfile.gettempdir()).glob(f"{prefix}*/{HELD}"):
        try:
            lock = os.open(held, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:  # it is another user's, or its process has just deleted it
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(held.parent, ignore_errors=True)
        finally:
            os.close(lock)
