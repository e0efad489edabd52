"""Serve all sockets of a server from one epoll, with one write for each connection and turn.

The event loop watches a single file, the epoll itself. When that is readable, one callback serves
every socket that is ready, and writes all that this produced at its end. So a turn costs the event
loop one handle, however many connections sent something, and each connection gets one write,
however many frames the turn has for it. If one connection alone is ready, its answer is written
before the event loop does anything else.
"""

from __future__ import annotations

import asyncio
import select
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

MOST_EVENTS = 1024
"""Files that one turn serves. The others are still ready in the next turn."""
MOST_GATHERED_BYTES = 256 * 1024
"""Past this, the reactor writes before the turn ends, so that a connection's bound is checked."""

READ = select.EPOLLIN
READ_WRITE = select.EPOLLIN | select.EPOLLOUT
_READABLE = ~select.EPOLLOUT
"""Errors and hang-ups too: the read finds out which one it is."""


class File(Protocol):
    """The object that serves one file descriptor of the epoll. None of its calls may block."""

    def readable(self) -> None:
        """Read what is there: bytes, a connection, an end or an error."""

    def writable(self) -> None:
        """Write what did not fit before."""

    def abort(self) -> None:
        """Close at once, after an error in this program."""


class Outbox(ABC):
    """The bytes for one client that the kernel has not been given yet in this turn.

    `gathered`: there are some, and the end of the turn sends them. `groups`: the groups whose
    member this outbox is.
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
        """Send what the group is sent: `data`, which is `packets` joined. Never closes."""


class Group:
    """Outboxes that are sent the same bytes, which are stored once and not once for each.

    A member that is sent something of its own in this turn is `apart` until the turn ends: its own
    outbox then gets a copy of all that the group is sent, so that the order of its bytes is right.
    """

    __slots__ = ("apart", "gathered", "members", "unsent")

    def __init__(self) -> None:
        self.unsent: list[bytes] = []
        self.gathered = False
        self.members: dict[Outbox, None] = {}
        self.apart: dict[Outbox, None] = {}

    def flush(self) -> None:
        """Send the group's bytes to all members that are not apart."""
        self.gathered = False
        packets, self.unsent = self.unsent, []
        self.apart.clear()
        joined = packets[0] if len(packets) == 1 else b"".join(packets)
        for box in list(self.members):  # a copy: a member that is too slow leaves in this loop
            if not box.gathered:
                box.take(joined, packets)


class Reactor:
    """The epoll of one server, and the outboxes and groups that this turn has bytes for."""

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
        self._postponed: dict[File, Callable[[], None]] = {}
        self._next: asyncio.Handle | None = None
        self._empty = asyncio.Event()
        self.loop.add_reader(self._epoll.fileno(), self._turn)

    # Files.

    def add(self, fd: int, file: File) -> None:
        """Serve a file from now on, whenever it is readable."""
        self._files[fd] = file
        self._epoll.register(fd, READ)

    def want(self, fd: int, events: int) -> None:
        """Serve a file from now on for these events: READ or READ_WRITE."""
        self._epoll.modify(fd, events)

    def remove(self, fd: int) -> None:
        """Stop to serve a file. Call this before the file is closed."""
        del self._files[fd]
        self._epoll.unregister(fd)
        if not self._files:
            self._empty.set()

    def files(self) -> list[File]:
        """Return all files that are served."""
        return list(self._files.values())

    def postpone(self, file: File, job: Callable[[], None]) -> None:
        """Continue a file's work in the next turn, and read nothing from it before that.

        So a client that sends much at once does not delay the other clients.
        """
        self._postponed[file] = job

    def _turn(self) -> None:
        self._serving = True
        due, self._postponed = self._postponed, {}
        for fd, ready in self._epoll.poll(0, MOST_EVENTS):
            file = self._files.get(fd)
            if file is None:
                continue  # another file's callback has closed it in this turn
            try:
                if ready & select.EPOLLOUT:
                    file.writable()
                if ready & _READABLE and file not in due:
                    file.readable()
            except Exception as error:
                self._report(file, error)
        for file, job in due.items():
            try:
                job()
            except Exception as error:
                self._report(file, error)
        self._serving = False
        self.flush()
        if self._postponed:
            self._turn_again()

    def _turn_again(self) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = self.loop.call_soon(self._turn)

    def _report(self, file: File, error: Exception) -> None:
        """Report an error and close its connection, so that the other ones are served."""
        self.loop.call_exception_handler(
            {"message": "serving a connection failed", "exception": error}
        )
        file.abort()

    # Outboxes.

    def put(self, box: Outbox, data: bytes) -> None:
        """Send to one client by the end of the turn."""
        self.gather(box)
        box.unsent.append(data)
        self._weigh(len(data))

    def put_group(self, group: Group, data: bytes, skip: Outbox | None = None) -> None:
        """Send to all members of a group except `skip` by the end of the turn."""
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
        """Make the box a member of the group."""
        # It is apart from the start, so that it gets nothing that the group was sent before.
        self.gather(box)
        group.members[box] = None
        group.apart[box] = None
        box.groups += (group,)

    def leave(self, group: Group, box: Outbox) -> None:
        """End the box's membership in the group."""
        self.gather(box)  # it still gets what the group was sent before in this turn
        del group.members[box]
        group.apart.pop(box, None)
        box.groups = tuple(other for other in box.groups if other is not group)

    def gather(self, box: Outbox) -> None:
        """Flush this box on its own at the end of the turn, apart from its groups."""
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
            # A timer calls, or another transport with members in the same room.
            self._later = self.loop.call_soon(self._flush_later)

    def _flush_later(self) -> None:
        self._later = None
        self.flush()

    def flush(self) -> None:
        """Send all that is gathered, and all that this sending gathers."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._groups or self._boxes:
                self._gathered_bytes = 0
                groups, self._groups = self._groups, []
                # Groups first: flushing the boxes forgets which members are apart.
                for group in groups:
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
        """Wait until no file is served any more."""
        while self._files:
            self._empty.clear()
            await self._empty.wait()

    def close(self) -> None:
        """Abort the files that are left, and close the epoll."""
        for file in self.files():
            file.abort()
        for handle in (self._later, self._next):
            if handle is not None:
                handle.cancel()
        self.loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
