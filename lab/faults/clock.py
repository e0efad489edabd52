"""The wall clock of a server, which another process moves while the server runs.

Both map one small file: it holds how far the clock is off, in milliseconds. A server in Node reads
it at each look at its clock (`transports/node/clock.mjs`).
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

ENVIRONMENT = "LAB_CLOCK"
"""Where a program in Node finds the path of the file."""
_OFFSET = struct.Struct("<q")


class Clock:
    """The side that moves the clock. The file is created."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(_OFFSET.pack(0))

    def move(self, offset_ms: int) -> None:
        """From now on the server's clock is wrong by this much."""
        with self.path.open("r+b") as file:  # the same bytes: the server has mapped this file
            file.write(_OFFSET.pack(offset_ms))


def follow(path: Path) -> None:
    """Let everything in this process that reads the wall clock read the moved one.

    The clock of the event loop is another one, which nobody can set (clock_gettime(2),
    CLOCK_MONOTONIC). A server in Node that this process starts does the same.

    Raises:
        OSError: there is no such file.
        ValueError: it is empty.
    """
    with path.open("rb") as file:
        shared = mmap.mmap(file.fileno(), _OFFSET.size, access=mmap.ACCESS_READ)
    os.environ[ENVIRONMENT] = str(path.absolute())
    right_ns = time.time_ns

    def moved_ns() -> int:
        return right_ns() + int(_OFFSET.unpack(shared)[0]) * 1_000_000

    time.time_ns = moved_ns
    time.time = lambda: moved_ns() / 1e9
