"""Wake-ups on a real clock: never early, in order, all of them. How late is not promised."""

from __future__ import annotations

import asyncio
import errno
from time import perf_counter_ns

import pytest

from lab.relay.precise_timer import Alarm, LoopTimer, TimerFd, best_timer

MS = 1_000_000
timers = pytest.mark.parametrize("make_timer", [best_timer, LoopTimer])


@timers
async def test_none_comes_early_and_all_come_in_order(make_timer: type[LoopTimer]) -> None:
    alarm, rung = Alarm(make_timer), []
    last = asyncio.Event()
    start_ns = perf_counter_ns()

    def ring(due_ns: int) -> None:
        assert perf_counter_ns() >= due_ns
        rung.append(due_ns)
        if len(rung) == 40:
            last.set()

    # Longest first, so that each one has to take the timer from the one before.
    due = [start_ns + n * MS // 2 for n in range(40, 0, -1)]
    for due_ns in due:
        alarm.call_at(due_ns, lambda due_ns=due_ns: ring(due_ns))  # type: ignore[misc]
    await asyncio.wait_for(last.wait(), 10)
    assert rung == sorted(due)
    alarm.close()


@timers
async def test_one_alarm_may_set_the_next(make_timer: type[LoopTimer]) -> None:
    alarm = Alarm(make_timer)
    done = asyncio.Event()
    left = 30

    def again() -> None:
        nonlocal left
        left -= 1
        if left:
            alarm.call_at(perf_counter_ns() + MS // 3, again)
        else:
            done.set()

    alarm.call_at(0, again)
    await asyncio.wait_for(done.wait(), 10)
    alarm.close()


@timers
async def test_a_closed_alarm_rings_no_more(make_timer: type[LoopTimer]) -> None:
    closed, open_, rung = Alarm(make_timer), Alarm(make_timer), []
    later = asyncio.Event()
    due_ns = perf_counter_ns() + 5 * MS
    closed.call_at(due_ns, lambda: rung.append("later"))
    closed.call_at(0, lambda: rung.append("at once"))
    closed.close()
    open_.call_at(due_ns + MS, later.set)
    await asyncio.wait_for(later.wait(), 10)
    assert rung == []
    open_.close()


def test_a_kernel_that_refuses_a_timer_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.EMFILE)
    with pytest.raises(OSError, match="Too many open files"):
        TimerFd._checked(-1)
