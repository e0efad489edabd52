"""A timer wheel: one timer of the event loop serves the deadlines of all connections.

With one timer for each connection, ten thousand connections wake the event loop ten thousand times
in each heartbeat. Here the event loop wakes once a tick, and serves all deadlines of that tick.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol

from lab.contract import Heartbeat

TICKS = 50
"""Into how many ticks the shorter one of heartbeat interval and heartbeat timeout is divided."""

IDLE_S = 75.0
"""How long an HTTP connection may be kept alive between two requests."""
_ROUNDING = 1e-3
"""By which part of a tick a timer may come early."""


class Timed(Protocol):
    """An object that has at most one deadline at a time."""

    slot: Slot | None

    def expired(self) -> None:
        """Handle the deadline, which has come."""


class Slot(set[Timed]):
    """The objects whose deadline is in the same tick."""


class TimerWheel:
    """Deadlines, sorted into ticks.

    A ping may be sent up to two ticks early, which does no harm. The server waits for its answer at
    least as long as the timeout. Both together never take longer than interval + timeout.

    Time in which the event loop does not run counts as one tick at most. A process that was stopped
    or busy has not read meanwhile, so it must read what came in before it ends a connection.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        request_timeout_s: float,
        loop: asyncio.AbstractEventLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._clock = clock
        self._tick_s = min(heartbeat.interval_s, heartbeat.timeout_s) / TICKS
        longest_s = max(heartbeat.interval_s, heartbeat.timeout_s, request_timeout_s, IDLE_S)
        self._slots = [Slot() for _ in range(self._at_least(longest_s) + 2)]
        self._interval = max(1, int(heartbeat.interval_s / self._tick_s) - 2)
        self._timeout = self._at_least(heartbeat.timeout_s)
        self._opening = self._at_least(request_timeout_s)
        self._idle = self._at_least(IDLE_S)
        self._now = 0
        self._timed = 0
        self._began_s = 0.0  # the time of tick 0
        self._was_late = False
        self._timer: asyncio.TimerHandle | None = None

    def _at_least(self, seconds: float) -> int:
        # The present tick has begun already, so one tick more.
        return math.ceil(seconds / self._tick_s) + 1

    # Each of these replaces the deadline that was set before.

    def until_ping(self, timed: Timed) -> None:
        """Expire when the next heartbeat is due."""
        self._put(timed, self._interval)

    def until_lost(self, timed: Timed) -> None:
        """Expire when the answer to a heartbeat is overdue."""
        self._put(timed, self._timeout)

    def until_opened(self, timed: Timed) -> None:
        """Expire when a client has taken too long for a request's head, or for its body."""
        self._put(timed, self._opening)

    def until_idle(self, timed: Timed) -> None:
        """Expire when a connection has been kept alive for too long."""
        self._put(timed, self._idle)

    def remove(self, timed: Timed) -> None:
        """Cancel the deadline, if there is one."""
        if timed.slot is not None:
            timed.slot.discard(timed)
            timed.slot = None
            self._timed -= 1

    def close(self) -> None:
        """Stop for ever."""
        if self._timer is not None:
            self._timer.cancel()

    def _put(self, timed: Timed, ticks: int) -> None:
        self.remove(timed)
        if self._timer is None:
            self._began_s = self._clock() - self._now * self._tick_s
            self._was_late = False
            self._wait()
        # If the loop is late, the present tick has ended already: count from the next one.
        late = min(self._passed(), 1)
        timed.slot = self._slots[(self._now + late + ticks) % len(self._slots)]
        timed.slot.add(timed)
        self._timed += 1

    def _passed(self) -> int:
        """How many ticks have passed since the last one that was served.

        This asks the clock: uvloop's `time()` is the time at which the loop's turn began, which may
        be long ago.
        """
        return int((self._clock() - self._began_s) / self._tick_s + _ROUNDING) - self._now

    def _wait(self) -> None:
        next_s = self._began_s + (self._now + 1) * self._tick_s
        self._timer = self._loop.call_later(max(0.0, next_s - self._clock()), self._turn)

    def _turn(self) -> None:
        """Serve one tick, if it has passed. After a pause of the loop, wait one more tick first.

        In that tick the loop reads what came in during the pause. A loop that is late each time
        still advances by one tick each time, because it reads in between.
        """
        passed = self._passed()
        was_late, self._was_late = self._was_late, passed > 1
        if passed and (passed == 1 or was_late):
            self._now += 1
        if passed > 1:  # forget the rest of the pause: the next tick has its full length
            self._began_s = self._clock() - self._now * self._tick_s
        self._expire(self._slots[self._now % len(self._slots)])
        self._timer = None
        if self._timed:
            self._wait()

    def _expire(self, slot: Slot) -> None:
        while slot:
            timed = slot.pop()
            timed.slot = None
            self._timed -= 1
            try:
                timed.expired()
            except Exception as error:
                # An error of one connection must not stop the deadlines of the others.
                what = {"message": "a deadline could not be served", "exception": error}
                self._loop.call_exception_handler(what)
