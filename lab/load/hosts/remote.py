"""What runs on a worker: a room with its speaker, and answers to the bench's questions."""

from __future__ import annotations

import gc
import hashlib
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import lab
from lab.contract import Address, Transport
from lab.load.hosts.reports import Reported, report
from lab.load.raw import RawRoom
from lab.measure import collector
from lab.measure.clock import now_ns

CONNECT_S = 5.0


class RemoteRoom:
    """A room of `size` raw members in this worker. All calls must come from one thread.

    Raises: as `RawRoom` does.
    """

    def __init__(self, transport: Transport, address: Address, name: str, size: int) -> None:
        self._usual = gc.get_threshold()
        collector.calm()
        self._room: RawRoom | None = RawRoom(transport, address, name, size)
        try:
            self._room.__enter__()
        except BaseException:
            self._room = None
            self._restore()
            raise

    def fan_out(self, texts: Sequence[str], window: int) -> Reported:
        """Say every text, at most `window` in flight. Raises as `RawRoom.fan_out` does."""
        assert self._room is not None
        wall, cpu = now_ns(), time.thread_time_ns()
        found = self._room.fan_out(texts, window)
        return report(found, time.thread_time_ns() - cpu, now_ns() - wall)

    def close(self) -> None:
        """Hang up, and give the worker its garbage collector back."""
        room, self._room = self._room, None
        if room is not None:
            room.__exit__(None, None, None)
            self._restore()

    def __del__(self) -> None:
        self.close()  # the bench has ended by itself, and Dask has released the room

    def _restore(self) -> None:
        gc.set_threshold(*self._usual)
        gc.unfreeze()


def fingerprint() -> str:
    """The version of the lab in this process, and a digest of its sources."""
    root = Path(lab.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(root.rglob("*.py")):
        digest.update(str(source.relative_to(root)).encode())
        digest.update(source.read_bytes())
    return f"{lab.__version__}+{digest.hexdigest()[:12]}"


def call(host: str, port: int, word: bytes) -> None:
    """Send a word to the bench, to show that this worker reaches it. Raises OSError."""
    with socket.create_connection((host, port), CONNECT_S) as dialled:
        dialled.sendall(word)
