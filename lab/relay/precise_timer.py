"""Wake the relay at an instant, more precisely than asyncio's own timers can.

asyncio hands epoll a timeout in whole milliseconds, rounded up. So `call_at` is half a millisecond
late on average, and two one-way delays make a round trip a whole millisecond late. Linux's timerfd
(timerfd_create(2)) becomes readable at the requested nanosecond. Where there is none, the loop's
own timer is used: late by up to a millisecond, never early.
"""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import os
import sys
from collections import deque
from collections.abc import Callable
from itertools import count
from time import CLOCK_MONOTONIC, perf_counter_ns
from typing import Protocol

from lab.relay.network import SECOND_NS

MOST_AHEAD_NS = 1_000_000
"""No more than this is ever spent spinning, however late the machine wakes up."""

_NONBLOCK_CLOEXEC = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class Timer(Protocol):
    """Calls back once, some nanoseconds after it was last set."""

    def set(self, after_ns: int) -> None: ...

    def close(self) -> None: ...


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class _Itimerspec(ctypes.Structure):
    _fields_ = [("interval", _Timespec), ("value", _Timespec)]


class TimerFd:
    """A Linux timerfd in the loop's selector. Raises OSError where the kernel refuses one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._checked(self._libc.timerfd_create(CLOCK_MONOTONIC, _NONBLOCK_CLOEXEC))
        loop.add_reader(self._fd, self._expired)

    def set(self, after_ns: int) -> None:
        # A value of zero would disarm the timer instead of firing it at once.
        self._write(max(1, after_ns))

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _expired(self) -> None:
        # Setting a timerfd, even to "off", also takes back its readability: no read() is needed.
        self._write(0)
        self._wake()

    def _write(self, after_ns: int) -> None:
        spec = _Itimerspec(_Timespec(0, 0), _Timespec(*divmod(after_ns, SECOND_NS)))
        self._checked(self._libc.timerfd_settime(self._fd, 0, ctypes.byref(spec), None))

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        return result


class LoopTimer:
    """The loop's own timer, for systems without timerfd."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._handle: asyncio.TimerHandle | None = None

    def set(self, after_ns: int) -> None:
        self.close()
        self._handle = self._loop.call_later(after_ns / SECOND_NS, self._wake)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


def best_timer(loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> Timer:
    """The most precise timer that this system has."""
    return TimerFd(loop, wake) if sys.platform == "linux" else LoopTimer(loop, wake)


class Alarm:
    """Any number of wake-ups on one timer. Times are `perf_counter_ns`; none comes early.

    Every timer is late by what the machine needs to wake up (50 us on bare metal, 300 us in some
    virtual machines). The alarm learns its median, sets the timer that much ahead, and lets the
    loop spin for the rest.
    """

    def __init__(self, make_timer: Callable[..., Timer] = best_timer) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer = make_timer(self._loop, self._woken)
        self._waiting: list[tuple[int, int, Callable[[], None]]] = []
        self._ticket = count()
        self._late_ns: deque[int] = deque(maxlen=15)
        self._ahead_ns = 0
        self._set_for_ns: int | None = None
        self._spin: asyncio.Handle | None = None

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> None:
        """Call `callback` at `due_ns`, or as soon after as the system allows."""
        heapq.heappush(self._waiting, (due_ns, next(self._ticket), callback))
        self._set()

    def close(self) -> None:
        """Forget every wake-up and free the timer."""
        self._waiting.clear()
        self._timer.close()
        if self._spin is not None:
            self._spin.cancel()

    def _woken(self) -> None:
        if self._set_for_ns is not None:
            self._late_ns.append(perf_counter_ns() - self._set_for_ns)
            # The median, because one wake-up that found the loop busy says nothing about the timer.
            self._ahead_ns = min(sorted(self._late_ns)[len(self._late_ns) // 2], MOST_AHEAD_NS)
        self._set_for_ns = None
        self._ring()

    def _ring(self) -> None:
        self._spin = None
        while self._waiting and self._waiting[0][0] <= perf_counter_ns():
            heapq.heappop(self._waiting)[2]()
        self._set()

    def _set(self) -> None:
        if not self._waiting or self._spin is not None:
            return
        now_ns = perf_counter_ns()
        wake_ns = self._waiting[0][0] - self._ahead_ns
        if wake_ns <= now_ns:
            self._spin = self._loop.call_soon(self._ring)
        elif self._set_for_ns is None or wake_ns < self._set_for_ns:
            self._set_for_ns = wake_ns
            self._timer.set(wake_ns - now_ns)
