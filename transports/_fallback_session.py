"""Shared by the fallback wires: one client on the server, whatever format it is written to in.

What waits for it is taken by its GET. Its bytes are bounded, those included that its socket has not
taken yet. One timer says how long it may be silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from lab.chat.events import Why
from transports._fallback_packets import CONNECT, DISCONNECT
from transports._repeats import Polls
from transports._serving import CLOSE_TIMEOUT_S


class OutOfTurnError(RuntimeError):
    """A GET that can't be the next one."""


class Patience(NamedTuple):
    """How long a session may be silent, in seconds."""

    beat_s: float
    """A server with nothing to say sends its heartbeat after this time."""
    answer_s: float
    """So long after that, or after a poll was answered, the client has to have shown itself."""
    told_s: tuple[int, int]
    """Heartbeat timeout and close timeout, as the client is told at the handshake."""


class Session:
    """One client. `over` once it has ended, however it did; then `on_end` has been called."""

    def __init__(
        self,
        patience: Patience,
        beat: bytes,
        bound_bytes: int,
        on_end: Callable[[Why], None],
    ) -> None:
        self.over = False
        self._patience = patience
        self._beat = beat
        self._bound_bytes = bound_bytes
        self._on_end = on_end
        self._unsent = [CONNECT]
        self._unsent_bytes = len(CONNECT)
        self._more = asyncio.Event()
        self._more.set()
        self._polls = Polls()
        self._line: asyncio.Transport | None = None
        self._reading = False
        self._carries = False
        self._timer: asyncio.TimerHandle | None = None
        self.expect()

    # What goes down.

    def put(self, packet: bytes) -> None:
        """Queue one packet; past the bound the client is too slow, and is cut off."""
        if self.over:
            return
        self._unsent.append(packet)
        self._unsent_bytes += len(packet)
        self._more.set()
        if self._unsent_bytes + self._in_socket() > self._bound_bytes:
            self.cut("slow_consumer")

    async def take(self) -> tuple[bytes, ...]:
        """All that waits, as soon as something does; nothing once the goodbye has been taken."""
        await self._more.wait()
        if not self.over:
            self._more.clear()
        self._carries = True
        packets = tuple(self._unsent)
        self._unsent.clear()
        self._unsent_bytes = 0
        return packets

    @contextmanager
    def reading(self, line: asyncio.Transport | None, stamp: str | None = None) -> Iterator[None]:
        """The client's GET is open, on this line. Where that breaks with packets, the session ends.

        What the line has swallowed can't be said again: better an end, after which the client
        resumes, than a gap that nobody knows of. Without packets it may come again.

        Raises:
            OutOfTurnError: another one is; or this is the last one again, by its `stamp`.
        """
        if self._polls.repeats(stamp, line):
            raise OutOfTurnError("a GET again, whose first answer is lost")
        if self._reading:
            raise OutOfTurnError("one GET at a time")
        self._reading, self._line, self._carries = True, line, False
        try:
            yield
        except (ConnectionError, asyncio.CancelledError):
            if self._carries:
                self.cut("lost")
            self.expect()
            raise
        finally:
            self._reading = False
            if self.over:
                self._set_timer(None, 0)

    def _in_socket(self) -> int:
        """How many bytes the socket of the last GET has not taken yet."""
        return 0 if self._line is None else self._line.get_write_buffer_size()

    # How long it may be silent.

    def alive(self) -> None:
        """The client has shown itself."""
        if not self.over:
            self._set_timer(self._ask, self._patience.beat_s)

    def expect(self) -> None:
        """From now on the client has so long to show itself, and no longer."""
        if not self.over:
            self._set_timer(partial(self.cut, "lost"), self._patience.answer_s)

    def _ask(self) -> None:
        self.put(self._beat)
        self.expect()

    def _set_timer(self, what: Callable[[], None] | None, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if what is None else loop.call_later(delay_s, what)

    # How it ends.

    def end(self, why: Why) -> None:
        """End it with a goodbye, which waits a moment where the line is clogged."""
        if self.over:
            return
        self.over = True
        self._unsent.append(DISCONNECT)
        self._more.set()
        self._set_timer(self._abort if self._reading else None, CLOSE_TIMEOUT_S)
        self._on_end(why)

    def cut(self, why: Why) -> None:
        """End it at once, with its line and all that waits."""
        if self.over:
            return
        self.over = True
        self._unsent.clear()
        self._set_timer(None, 0)
        self._abort()
        self._on_end(why)

    def _abort(self) -> None:
        # A line on which the last answer is through may carry somebody else's requests by now.
        if self._line is not None and (self._reading or self._in_socket()):
            self._line.abort()
