"""Shared by the tuned wires: everybody's deadlines in one timer, as the slots of a turning wheel.

Where each connection has a timer of its own, ten thousand of them wake the loop ten thousand times
in each heartbeat. Here the loop wakes once a tick, and serves all that are due.
"""

from __future__ import annotations

import asyncio
import math
from typing import Protocol

from lab.contract import Heartbeat

TICKS = 50
"""How many ticks the shorter of the heartbeat's two times is divided into."""

OPENING_S = 10.0
"""How long a connection has for its first request, until it is closed."""
IDLE_S = 75.0
"""How long an HTTP connection may be kept alive between two requests."""


class Timed(Protocol):
    """What has at most one deadline at a time."""

    slot: Slot | None

    def expired(self) -> None:
        """The deadline has come."""


class Slot(set[Timed]):
    """Those whose deadline is in the same tick."""


class Wheel:
    """Deadlines by the tick.

    A heartbeat's ping may come up to two ticks early, which does no harm; its answer is never
    waited for less than the timeout; and both together never take longer than interval + timeout.
    """

    def __init__(self, heartbeat: Heartbeat, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._tick_s = min(heartbeat.interval_s, heartbeat.timeout_s) / TICKS
        longest_s = max(heartbeat.interval_s, heartbeat.timeout_s, OPENING_S, IDLE_S)
        self._slots = [Slot() for _ in range(self._at_least(longest_s) + 1)]
        self._interval = max(1, int(heartbeat.interval_s / self._tick_s) - 2)
        self._timeout = self._at_least(heartbeat.timeout_s)
        self._opening = self._at_least(OPENING_S)
        self._idle = self._at_least(IDLE_S)
        self._now = 0
        self._timed = 0
        self._began_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def _at_least(self, seconds: float) -> int:
        # The present tick has begun already, so one more than those that fit.
        return math.ceil(seconds / self._tick_s) + 1

    # Each puts off whatever deadline there was.

    def until_ping(self, timed: Timed) -> None:
        """Expire when the next heartbeat is due."""
        self._put(timed, self._interval)

    def until_lost(self, timed: Timed) -> None:
        """Expire when the answer to a heartbeat is overdue."""
        self._put(timed, self._timeout)

    def until_opened(self, timed: Timed) -> None:
        """Expire when a connection has taken too long to say what it wants."""
        self._put(timed, self._opening)

    def until_idle(self, timed: Timed) -> None:
        """Expire when a connection has been kept alive for too long."""
        self._put(timed, self._idle)

    def remove(self, timed: Timed) -> None:
        """No deadline any more."""
        if timed.slot is not None:
            timed.slot.discard(timed)
            timed.slot = None
            self._timed -= 1

    def close(self) -> None:
        """Stand still, for good."""
        if self._timer is not None:
            self._timer.cancel()

    def _put(self, timed: Timed, ticks: int) -> None:
        self.remove(timed)
        if self._timer is None:
            self._began_s = self._loop.time() - self._now * self._tick_s
            self._wait()
        timed.slot = self._slots[(self._now + ticks) % len(self._slots)]
        timed.slot.add(timed)
        self._timed += 1

    def _wait(self) -> None:
        next_s = self._began_s + (self._now + 1) * self._tick_s
        self._timer = self._loop.call_at(next_s, self._turn)

    def _turn(self) -> None:
        """Serve every tick that has passed; a loop that was busy may owe several."""
        passed = int((self._loop.time() - self._began_s) / self._tick_s) - self._now
        for _ in range(min(max(passed, 1), len(self._slots))):
            self._now += 1
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
                what = {"message": "a deadline could not be served", "exception": error}
                self._loop.call_exception_handler(what)
