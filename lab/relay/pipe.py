"""One direction of one relayed connection, from the socket that it reads to its target.

An `OneWayPath` says when the bytes are due. Until then they wait in a bounded queue. An end of
stream (FIN) and a reset (RST) travel in that queue like bytes: they arrive a delay later, behind
what was sent before them.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from time import perf_counter_ns
from typing import NamedTuple

from lab.relay.network import Network, OneWayPath
from lab.relay.precise_timer import Alarm

_LINGER_ZERO = struct.pack("ii", 1, 0)


class Mark(Enum):
    """What travels besides bytes."""

    FIN = "fin"
    RST = "rst"


class Parcel(NamedTuple):
    """Bytes or a mark under way: when it has left the sender and when it arrives."""

    sent_ns: int
    due_ns: int
    cargo: bytes | Mark


def reset(transport: asyncio.Transport) -> None:
    """Close a TCP connection with RST, whatever is unsent (SO_LINGER of 0 s, socket(7))."""
    sock = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()


def finish(transport: asyncio.Transport) -> None:
    """Send FIN after what is unsent; nothing, where the peer has broken off already.

    The event loop may not know yet that it has: it reports that later, like any reset.
    """
    with suppress(OSError):
        transport.write_eof()


class Pipe:
    """Carries bytes from a source to a target, which are attached as soon as they are connected.

    At most `buffer_bytes` (and one read of the event loop, up to 256 KiB) wait in it. When it is
    full or stalled, or its target takes no more, it stops reading, so TCP slows the sender down.
    """

    def __init__(
        self,
        path: OneWayPath,
        alarm: Alarm,
        buffer_bytes: int,
        passed: Callable[[int], None] | None = None,
    ) -> None:
        self.ended = False
        """The source has sent its FIN, or is gone: there is nothing more to read."""
        self.finished = False
        """The FIN has been passed on."""
        self._source: asyncio.Transport | None = None
        self._target: asyncio.Transport | None = None
        self._on_finished: Callable[[], None] = _nothing
        self._passed = passed
        self._path = path
        self._alarm = alarm
        self._buffer_bytes = buffer_bytes
        self._queue: deque[Parcel] = deque()
        self._queued_bytes = 0
        self._alarm_ns: int | None = None
        self._stalled = self._full = self._target_full = self._discarding = False

    @property
    def queued_bytes(self) -> int:
        """Bytes that have arrived here and are not yet written."""
        return self._queued_bytes

    def feed(self, data: bytes, now_ns: int) -> None:
        """Take bytes that arrived at `now_ns`."""
        if self._discarding:
            return
        if self._open and not self._queue and self._path.network.instant:
            assert self._target is not None
            if now_ns >= self._path.opens_ns:
                self._write(self._target, data)
                return
        for piece in self._path.network.slices(data):
            self._enqueue(piece, now_ns)
        self._after_enqueue(now_ns)

    def mark(self, mark: Mark, now_ns: int) -> None:
        """Take the end of the stream: nothing follows it."""
        self.ended = True
        if not self._discarding:
            self._enqueue(mark, now_ns)
            self._after_enqueue(now_ns)

    def attach_source(self, source: asyncio.Transport) -> None:
        """Begin to regulate how the source is read."""
        self._source = source
        self._regulate()

    def attach_target(self, target: asyncio.Transport, on_finished: Callable[[], None]) -> None:
        """Begin to deliver; call back when the FIN has been passed on."""
        self._target = target
        self._on_finished = on_finished
        self._flush()

    def open_at(self, opens_ns: int) -> None:
        """Let nothing leave before this instant."""
        self._path.opens_ns = opens_ns

    def stall(self, stalled: bool) -> None:
        """Hold everything and stop reading, or go on."""
        self._stalled = stalled
        self._flush()

    def target_full(self, full: bool) -> None:
        """The target's socket takes no more at present; or does again."""
        self._target_full = full
        self._flush()

    def change(self, network: Network) -> None:
        """Apply other settings to what has not left yet; the rest arrives when it would have."""
        now_ns = perf_counter_ns()
        unsent = [parcel for parcel in self._queue if parcel.sent_ns > now_ns]
        for _ in unsent:
            self._queued_bytes -= _size(self._queue.pop().cargo)
        latest_due_ns = self._queue[-1].due_ns if self._queue else 0
        self._path.change(network, now_ns, latest_due_ns)
        for parcel in unsent:
            self._enqueue(parcel.cargo, now_ns)
        self._flush()

    def discard(self) -> None:
        """Lose what is under way and what may still come. Reading goes on, to notice the end."""
        self._discarding = True
        self._stalled = self._full = self._target_full = False
        self._queue.clear()
        self._queued_bytes = 0
        self._regulate()

    @property
    def _open(self) -> bool:
        return self._target is not None and not self._stalled and not self._target_full

    def _enqueue(self, cargo: bytes | Mark, now_ns: int) -> None:
        sent_ns, due_ns = self._path.send(now_ns, _size(cargo))
        self._queue.append(Parcel(sent_ns, due_ns, cargo))
        self._queued_bytes += _size(cargo)

    def _after_enqueue(self, now_ns: int) -> None:
        if self._queue[0].due_ns <= now_ns:
            self._flush()
        else:
            self._wake_when_due()
            self._regulate()

    def _ring(self) -> None:
        self._alarm_ns = None
        self._flush()

    def _flush(self) -> None:
        """Write all that is due and can be written; then sleep until the next is."""
        now_ns = perf_counter_ns()
        while self._open and self._queue and self._queue[0].due_ns <= now_ns:
            cargo = self._queue.popleft().cargo
            self._queued_bytes -= _size(cargo)
            self._deliver(cargo)
        self._wake_when_due()
        self._regulate()

    def _deliver(self, cargo: bytes | Mark) -> None:
        target = self._target
        assert target is not None
        if cargo is Mark.RST:
            reset(target)
        elif cargo is Mark.FIN:
            self.finished = True
            if not target.is_closing():
                finish(target)
            self._on_finished()
        elif not target.is_closing():
            assert isinstance(cargo, bytes)
            self._write(target, cargo)

    def _write(self, target: asyncio.Transport, data: bytes) -> None:
        target.write(data)
        if self._passed is not None:
            self._passed(len(data))

    def _wake_when_due(self) -> None:
        if not self._open or not self._queue:
            return
        due_ns = self._queue[0].due_ns
        if self._alarm_ns is None or due_ns < self._alarm_ns:
            self._alarm_ns = due_ns
            self._alarm.call_at(due_ns, self._ring)

    def _regulate(self) -> None:
        """Pause reading at the bound. Read again below half of it, so that this switches rarely."""
        if self._queued_bytes >= self._buffer_bytes:
            self._full = True
        elif self._queued_bytes <= self._buffer_bytes // 2:
            self._full = False
        if self._source is None or self.ended or self._source.is_closing():
            return
        if self._stalled or self._full or self._target_full:
            self._source.pause_reading()
        else:
            self._source.resume_reading()


def _nothing() -> None:
    """Stands in until a target is attached."""


def _size(cargo: bytes | Mark) -> int:
    return len(cargo) if isinstance(cargo, bytes) else 0
