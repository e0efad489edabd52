"""Shared by the tuned wires: one TCP connection, written to at once, with a bound on what waits."""

from __future__ import annotations

import asyncio
import socket
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress

from transports._serving import CLOSE_TIMEOUT_S
from transports._tuned_reactor import READ, READ_WRITE, Outbox, Reactor
from transports._tuned_wheel import Slot, Wheel

RECEIVE_BYTES = 64 * 1024


class Line(Outbox):
    """One accepted connection: what every tuned wire's connection has in common.

    `backlog`: bytes that the kernel did not take, None where there are none. `ending`: this side
    has said its last word, and what still comes in is not listened to.
    """

    __slots__ = ("_deadline", "_fd", "_sock", "backlog", "ending", "reactor", "slot", "wheel")

    def __init__(self, sock: socket.socket, reactor: Reactor, wheel: Wheel) -> None:
        super().__init__()
        self.reactor = reactor
        self.wheel = wheel
        self.slot: Slot | None = None
        self.backlog: bytearray | None = None
        self.ending = False
        self._sock = sock
        self._fd = sock.fileno()
        self._deadline: asyncio.TimerHandle | None = None
        reactor.add(self._fd, self)

    # What a wire makes of it.

    @property
    @abstractmethod
    def most_unsent_bytes(self) -> int:
        """The bound on the backlog."""

    @abstractmethod
    def received(self, data: bytes) -> None:
        """Take what came in: one byte at least."""

    @abstractmethod
    def overflowed(self) -> None:
        """More waits than the bound allows: say goodbye. Called by `flush`, so: don't `close`."""

    @abstractmethod
    def goodbye(self) -> None:
        """The server shuts down: say so in the wire's own way, and `finish` or `close`."""

    @abstractmethod
    def closed(self) -> None:
        """The connection is over; called once, whoever ended it."""

    @abstractmethod
    def expired(self) -> None:
        """The time that the wheel was given for this connection is over."""

    # Reading.

    def readable(self) -> None:
        """See `File`."""
        try:
            data = self._sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        elif not self.ending:
            self.received(data)

    # Writing.

    def flush(self) -> None:
        """See `Outbox`: one write, however much there is."""
        self.gathered = False
        unsent = self.unsent
        if not unsent:
            return
        data = unsent[0] if len(unsent) == 1 else b"".join(unsent)
        unsent.clear()
        self.send(data)

    def send(self, data: bytes) -> None:
        """Send at once; what the kernel does not take waits its turn."""
        self.take(data, ())

    def take(self, data: bytes, packets: Sequence[bytes]) -> None:
        """See `Outbox`; here, so that a delivery is one call."""
        if self.backlog is not None:
            self._wait(data)
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the reading side sees the same end, and reports it
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
        """Send a last word behind all that waits, and close when the other side has.

        It has `CLOSE_TIMEOUT_S`. A socket that is closed with bytes unread takes back what it has
        sent: hence only the sending half is closed here, and the rest read to its end.
        """
        if self.ending:
            return
        if self.gathered:
            self.flush()
        if self.backlog is not None:
            self.backlog += last  # past the bound, for this is the word that ends it
        elif last:
            self.send(last)
        self.ending = True
        self._deadline = self.reactor.loop.call_later(CLOSE_TIMEOUT_S, self.close)
        if self.backlog is None:
            self.backlog = bytearray()  # from now on nothing is sent any more
            self._shut()

    def _shut(self) -> None:
        with suppress(OSError):  # gone already, which reading will tell
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close, at once; a second time changes nothing."""
        if self._sock.fileno() < 0:
            return
        self.reactor.remove(self._fd)
        self._sock.close()
        self.ending = True
        if self._deadline is not None:
            self._deadline.cancel()
        self.wheel.remove(self)
        self.closed()
        self.backlog = bytearray()

    def abort(self) -> None:
        """See `File`."""
        self.close()
