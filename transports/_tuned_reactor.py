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
    """What is on its way to one client and has not been handed to the kernel in this turn.

    `gathered`: something is, and the end of the turn will send it. `groups`: those it belongs to.
    """

    __slots__ = ("gathered", "groups", "unsent")

    def __init__(self) -> None:
        self.unsent: list[bytes] = []
        self.gathered = False
        self.groups: tuple[Group, ...] = ()

    @abstractmethod
    def flush(self) -> None:
        """Send what is unsent; sets `gathered` to False. Never closes the connection."""

    @abstractmethod
    def take(self, data: bytes, packets: list[bytes]) -> None:
        """Send what the whole group is sent: `data`, which is `packets` joined. Never closes."""


class Group:
    """Outboxes that are sent the same: it is put down once, and not once for each of them.

    A member that is sent something of its own in this turn stands `apart` until its end: what the
    group got before is copied to its outbox, and what comes after too, each in its place.
    """

    __slots__ = ("apart", "gathered", "members", "unsent")

    def __init__(self) -> None:
        self.unsent: list[bytes] = []
        self.gathered = False
        self.members: dict[Outbox, None] = {}
        self.apart: dict[Outbox, None] = {}

    def flush(self) -> None:
        """Send it to all that don't stand apart."""
        self.gathered = False
        packets, self.unsent = self.unsent, []
        self.apart.clear()
        joined = packets[0] if len(packets) == 1 else b"".join(packets)
        for box in list(self.members):  # who turns out too slow departs meanwhile
            if not box.gathered:
                box.take(joined, packets)


class Reactor:
    """The epoll of one server, and what this turn has put down for whom."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._files: dict[int, File] = {}
        self._groups: list[Group] = []
        self._boxes: list[Outbox] = []
        self._gathered_bytes = 0
        self._flushing = False
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
        self.gather(box)
        box.unsent.append(data)
        self._weigh(len(data))

    def put_group(self, group: Group, data: bytes, skip: Outbox | None = None) -> None:
        """Send the same to a whole group, but `skip`, by the end of the turn."""
        if skip is not None:
            self.gather(skip)
        if not group.gathered:
            group.gathered = True
            self._groups.append(group)
        group.unsent.append(data)
        for box in group.apart:
            if box is not skip:
                box.unsent.append(data)
        self._weigh(len(data))

    def join(self, group: Group, box: Outbox) -> None:
        """From now on the box is sent what the group is."""
        self.gather(box)  # of what the group has got in this turn, it gets nothing
        group.members[box] = None
        group.apart[box] = None
        box.groups += (group,)

    def leave(self, group: Group, box: Outbox) -> None:
        """From now on it no longer is."""
        self.gather(box)  # what the group has got in this turn, it still gets
        del group.members[box]
        group.apart.pop(box, None)
        box.groups = tuple(other for other in box.groups if other is not group)

    def gather(self, box: Outbox) -> None:
        """Have this box flushed by itself at the end of the turn."""
        if box.gathered:
            return
        box.gathered = True
        self._boxes.append(box)
        for group in box.groups:
            group.apart[box] = None
            box.unsent += group.unsent
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
        """Send all that has been gathered, and what that gathers in turn."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._groups or self._boxes:
                self._gathered_bytes = 0
                groups, self._groups = self._groups, []
                for group in groups:  # these first, as long as they see who stands apart
                    group.flush()
                boxes, self._boxes = self._boxes, []
                for box in boxes:
                    for group in box.groups:
                        group.apart.pop(box, None)
                    box.flush()
        finally:
            self._flushing = False

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
