"""Shared by the tuned wires: all sockets of a server in one epoll, and one write each a turn.

The event loop sees a single file, the epoll itself. When it is readable, everything that is ready
is served in one callback, and what that put on the way is written at its end: a turn costs the loop
one handle however many connections spoke, and a connection gets one write however many frames the
turn had for it. Whoever is alone in a turn is written to before the loop does anything else.
"""

from __future__ import annotations

import asyncio
import select
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Protocol

MOST_EVENTS = 1024
"""Files served in one turn; what is left is still ready in the next."""
MOST_GATHERED_BYTES = 256 * 1024
"""Written before the turn's end, so that what waits for a connection shows in its bound."""

READ = select.EPOLLIN
READ_WRITE = select.EPOLLIN | select.EPOLLOUT
_READABLE = ~select.EPOLLOUT
"""Errors and hang-ups too: reading is what tells them apart."""


class File(Protocol):
    """What stands behind one file descriptor of the epoll. None of the calls may block."""

    def readable(self) -> None:
        """Bytes, a connection, an end or an error can be read."""

    def writable(self) -> None:
        """What did not fit before can be written."""

    def abort(self) -> None:
        """Something went wrong in this program: close, at once."""


class Outbox(ABC):
    """What is on its way to one client and has not been handed to the kernel in this turn."""

    __slots__ = ("gathered", "unsent")

    def __init__(self) -> None:
        self.unsent: list[bytes] = []
        self.gathered = False

    @abstractmethod
    def flush(self) -> None:
        """Send what is unsent; sets `gathered` to False. Never closes the connection."""


class Reactor:
    """The epoll of one server, and the outboxes that this turn has put something into."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._files: dict[int, File] = {}
        self._gathered: list[Outbox] = []
        self._gathered_bytes = 0
        self._serving = False
        self._later: asyncio.Handle | None = None
        self._empty = asyncio.Event()
        self.loop.add_reader(self._epoll.fileno(), self._turn)

    # Files.

    def add(self, fd: int, file: File) -> None:
        """Serve a file from now on, when it is readable."""
        self._files[fd] = file
        self._epoll.register(fd, READ)

    def want(self, fd: int, events: int) -> None:
        """Serve it from now on when it is READ or READ_WRITE."""
        self._epoll.modify(fd, events)

    def remove(self, fd: int) -> None:
        """Forget a file; before it is closed."""
        del self._files[fd]
        self._epoll.unregister(fd)
        if not self._files:
            self._empty.set()

    def files(self) -> list[File]:
        """All that are being served."""
        return list(self._files.values())

    def _turn(self) -> None:
        self._serving = True
        for fd, ready in self._epoll.poll(0, MOST_EVENTS):
            file = self._files.get(fd)
            if file is None:
                continue  # closed a moment ago, in this very turn
            try:
                if ready & select.EPOLLOUT:
                    file.writable()
                if ready & _READABLE:
                    file.readable()
            except Exception as error:
                self._report(file, error)
        self._serving = False
        self.flush()

    def _report(self, file: File, error: Exception) -> None:
        """One connection's mishap is no other's: it is reported, and that connection closed."""
        self.loop.call_exception_handler(
            {"message": "serving a connection failed", "exception": error}
        )
        file.abort()

    # Outboxes.

    def put(self, box: Outbox, data: bytes) -> None:
        """Send to one by the end of the turn."""
        if not box.gathered:
            box.gathered = True
            self._gathered.append(box)
        box.unsent.append(data)
        self._weigh(len(data))

    def put_all(self, boxes: Iterable[Outbox], data: bytes) -> None:
        """Send the same to many by the end of the turn."""
        gather = self._gathered.append
        for box in boxes:
            if not box.gathered:
                box.gathered = True
                gather(box)
            box.unsent.append(data)
        self._weigh(len(data))

    def gather(self, box: Outbox) -> None:
        """Have this box flushed by the end of the turn."""
        if not box.gathered:
            box.gathered = True
            self._gathered.append(box)
        self._weigh(0)

    def _weigh(self, size: int) -> None:
        self._gathered_bytes += size
        if self._gathered_bytes > MOST_GATHERED_BYTES:
            self.flush()
        elif not self._serving and self._later is None:
            # Somebody else's turn: a timer's, or another wire's in the same room.
            self._later = self.loop.call_soon(self._flush_later)

    def _flush_later(self) -> None:
        self._later = None
        self.flush()

    def flush(self) -> None:
        """Send all that has been gathered."""
        while self._gathered:
            boxes, self._gathered = self._gathered, []
            self._gathered_bytes = 0
            for box in boxes:
                box.flush()

    # The end.

    async def emptied(self) -> None:
        """Wait until there is no file left."""
        while self._files:
            self._empty.clear()
            await self._empty.wait()

    def close(self) -> None:
        """Abort what is left, and give the epoll back."""
        for file in self.files():
            file.abort()
        if self._later is not None:
            self._later.cancel()
        self.loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
