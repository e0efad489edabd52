"""One TCP connection of a tuned transport: writes at once, and bounds the bytes that wait."""

from __future__ import annotations

import asyncio
import socket
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress

from transports._shared.serving import CLOSE_TIMEOUT_S
from transports._tuned.reactor import READ, READ_WRITE, Outbox, Reactor
from transports._tuned.timer_wheel import Slot, TimerWheel

RECEIVE_BYTES = 64 * 1024


def received_bytes(sock: socket.socket) -> bytes | None:
    """Return what has come in. None: nothing yet. Empty: the connection has ended."""
    try:
        return sock.recv(RECEIVE_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class TunedConnection(Outbox):
    """One accepted connection, as every tuned transport has it.

    `backlog`: bytes that the kernel has not taken yet, None if there are none. `ending`: this side
    has sent its last bytes, and ignores what still comes in.
    """

    __slots__ = ("_deadline", "_fd", "_sock", "backlog", "ending", "reactor", "slot", "timer_wheel")

    def __init__(self, sock: socket.socket, reactor: Reactor, timer_wheel: TimerWheel) -> None:
        super().__init__()
        self.reactor = reactor
        self.timer_wheel = timer_wheel
        self.slot: Slot | None = None
        self.backlog: bytearray | None = None
        self.ending = False
        self._sock = sock
        self._fd = sock.fileno()
        self._deadline: asyncio.TimerHandle | None = None
        reactor.add(self._fd, self)

    # A transport defines these.

    @property
    @abstractmethod
    def most_unsent_bytes(self) -> int:
        """How many bytes the backlog may have."""

    @abstractmethod
    def received(self, data: bytes) -> None:
        """Handle the bytes that came in: at least one."""

    @abstractmethod
    def overflowed(self) -> None:
        """End a connection whose backlog passes the bound: send a close and `finish`.

        `flush` calls this, so it must not call `close`: the caller may be iterating over a group.
        """

    @abstractmethod
    def shut_down(self) -> None:
        """Send what the transport sends when its server shuts down, and `finish` or `close`."""

    @abstractmethod
    def closed(self) -> None:
        """React to the end of the connection. Called once, whichever side ended it."""

    @abstractmethod
    def expired(self) -> None:
        """Handle the deadline that the timer wheel has for this connection."""

    # Reading.

    def readable(self) -> None:
        """See `File`."""
        data = received_bytes(self._sock)
        if data is None:
            return
        if not data:
            self.close()
        elif not self.ending:
            self.received(data)

    # Writing.

    def flush(self) -> None:
        """See `Outbox`: all that is unsent goes into one write."""
        self.gathered = False
        unsent = self.unsent
        if not unsent:
            return
        data = unsent[0] if len(unsent) == 1 else b"".join(unsent)
        unsent.clear()
        self.send(data)

    def send(self, data: bytes) -> None:
        """Send at once. Bytes that the kernel does not take join the backlog."""
        self.take(data, ())

    def take(self, data: bytes, packets: Sequence[bytes]) -> None:
        """See `Outbox`. The write stands here and not in `send`, so that a delivery is one call."""
        if self.backlog is not None:
            self._wait(data)
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # `readable` meets the same error, and closes
        if sent < len(data):
            self.backlog = bytearray()
            self.reactor.want(self._fd, READ_WRITE)
            self._wait(data[sent:])

    def _wait(self, data: bytes) -> None:
        if self.ending:
            return
        assert self.backlog is not None
        self.backlog += data
        if len(self.backlog) > self.most_unsent_bytes:
            self.overflowed()

    def writable(self) -> None:
        """See `File`."""
        if self.backlog is None:
            return
        try:
            sent = self._sock.send(self.backlog)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self.backlog)
        del self.backlog[:sent]
        if self.backlog:
            return
        self.reactor.want(self._fd, READ)
        if self.ending:
            self._shut()
        else:
            self.backlog = None

    # Ends.

    def finish(self, last: bytes = b"") -> None:
        """Send `last` after all that waits, and close when the client has closed.

        The client has `CLOSE_TIMEOUT_S` for that. Closing a socket that has unread bytes sends a
        reset, and the client then loses what it has not read yet (RFC 9112 section 9.6). So this
        closes only the sending half, and reads the rest to its end.
        """
        if self.ending:
            return
        if self.gathered:
            self.flush()
        if self.backlog is not None:
            self.backlog += last  # the bound does not count: nothing follows these bytes
        elif last:
            self.send(last)
        self.ending = True
        self._deadline = self.reactor.loop.call_later(CLOSE_TIMEOUT_S, self.close)
        if self.backlog is None:
            self.backlog = bytearray()  # not None: `take` sends nothing from now on
            self._shut()

    def _shut(self) -> None:
        with suppress(OSError):  # the connection is gone, as the next read will find
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close at once. A second call changes nothing."""
        if self._sock.fileno() < 0:
            return
        self.reactor.remove(self._fd)
        self._sock.close()
        self.ending = True
        if self._deadline is not None:
            self._deadline.cancel()
        self.timer_wheel.remove(self)
        self.closed()
        self.backlog = bytearray()

    def abort(self) -> None:
        """See `File`."""
        self.close()
