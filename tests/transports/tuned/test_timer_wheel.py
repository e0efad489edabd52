"""The timer wheel: deadlines are in time, never early, and no timer runs without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.contract import Heartbeat
from transports._tuned.timer_wheel import IDLE_S, TICKS, Slot, TimerWheel

REQUEST_TIMEOUT_S = 5.0


class HandDriven:
    """A loop with a clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.reported: list[dict[str, Any]] = []
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> object:
        self._timers.append((self.now_s + delay_s, callback))
        return self

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.reported.append(context)

    def waits(self) -> bool:
        """Whether a timer is set."""
        return bool(self._timers)

    def pass_by(self, seconds: float) -> None:
        """Move the clock, and run each timer that is due."""
        end_s = self.now_s + seconds
        while self._timers and min(self._timers)[0] <= end_s:
            at_s, callback = min(self._timers, key=lambda timer: timer[0])
            self._timers.remove((at_s, callback))
            self.now_s = max(self.now_s, at_s)
            callback()
        self.now_s = end_s


class Deadline:
    """Records its times; `then` stands for the transport's action."""

    def __init__(self, loop: HandDriven) -> None:
        self.slot: Slot | None = None
        self.came_s: list[float] = []
        self.then: Callable[[], None] | None = None
        self._loop = loop

    def expired(self) -> None:
        self.came_s.append(self._loop.now_s)
        then, self.then = self.then, None
        if then is not None:
            then()


def made(heartbeat: Heartbeat) -> tuple[HandDriven, TimerWheel]:
    loop = HandDriven()
    clock = cast(asyncio.AbstractEventLoop, loop)
    return loop, TimerWheel(heartbeat, REQUEST_TIMEOUT_S, loop=clock, clock=loop.time)


heartbeats = st.builds(Heartbeat, st.floats(0.1, 60), st.floats(0.1, 60))
parts = st.floats(0, 1)


@given(heartbeats, parts)
def test_a_silent_peer_is_lost_in_time_but_not_too_early(heartbeat: Heartbeat, part: float) -> None:
    loop, wheel = made(heartbeat)
    other, peer = Deadline(loop), Deadline(loop)
    wheel.until_idle(other)
    loop.pass_by(part * 3)  # anywhere within a tick
    began_s = loop.now_s
    peer.then = lambda: wheel.until_lost(peer)
    wheel.until_ping(peer)
    loop.pass_by(heartbeat.interval_s + heartbeat.timeout_s + 1)
    pinged_s, lost_s = peer.came_s
    slack_s = 1e-6
    assert pinged_s - began_s > heartbeat.interval_s * (1 - 4 / TICKS) - slack_s
    assert lost_s - pinged_s >= heartbeat.timeout_s - slack_s
    assert lost_s - began_s <= heartbeat.interval_s + heartbeat.timeout_s + slack_s


@pytest.mark.parametrize("seconds", [REQUEST_TIMEOUT_S, IDLE_S])
def test_a_connection_gets_its_full_time(seconds: float) -> None:
    loop, wheel = made(Heartbeat())
    one = Deadline(loop)
    (wheel.until_opened if seconds == REQUEST_TIMEOUT_S else wheel.until_idle)(one)
    loop.pass_by(seconds)
    assert one.came_s == []
    loop.pass_by(2)
    assert len(one.came_s) == 1


def test_a_new_deadline_takes_the_place_of_the_old_one() -> None:
    loop, wheel = made(Heartbeat(1, 1))
    one = Deadline(loop)
    wheel.until_ping(one)
    wheel.until_idle(one)
    loop.pass_by(IDLE_S - 1)
    assert one.came_s == []
    wheel.remove(one)
    loop.pass_by(IDLE_S)
    assert one.came_s == []
    wheel.remove(one)  # a second time changes nothing


def test_without_deadlines_the_loop_is_left_alone() -> None:
    loop, wheel = made(Heartbeat(1, 1))
    assert not loop.waits()
    one = Deadline(loop)
    wheel.until_ping(one)
    assert loop.waits()
    loop.pass_by(2)
    assert one.came_s
    assert not loop.waits()
    wheel.until_ping(one)  # and it turns again where it stood still
    loop.pass_by(1)
    assert len(one.came_s) == 2


def test_a_paused_loop_goes_on_where_it_was() -> None:
    loop, wheel = made(Heartbeat(1, 1))
    many = [Deadline(loop) for _ in range(100)]
    for one in many:
        wheel.until_ping(one)
        loop.pass_by(0.005)
    loop.now_s += 500
    loop.pass_by(0)
    assert not any(one.came_s for one in many)
    loop.pass_by(1.1)
    assert all(len(one.came_s) == 1 for one in many)


@given(heartbeats, parts, parts, st.floats(0, 100))
def test_a_stopped_process_does_not_shorten_the_time_to_answer(
    heartbeat: Heartbeat, before: float, at: float, stopped_s: float
) -> None:
    loop, wheel = made(heartbeat)
    peer = Deadline(loop)
    loop.pass_by(before)
    peer.then = lambda: wheel.until_lost(peer)
    wheel.until_ping(peer)
    loop.pass_by(at * (heartbeat.interval_s + heartbeat.timeout_s))
    lost_before = len(peer.came_s) == 2
    loop.now_s += stopped_s
    runs_again_s = loop.now_s
    loop.pass_by(heartbeat.interval_s + heartbeat.timeout_s + 1)
    pinged_s, lost_s = peer.came_s
    assert lost_s - pinged_s >= heartbeat.timeout_s - 1e-6
    tick_s = min(heartbeat.interval_s, heartbeat.timeout_s) / TICKS
    if stopped_s > 2 * tick_s and not lost_before:
        assert lost_s > runs_again_s, "no peer is lost before the process has read"


@given(heartbeats, parts, st.floats(0, 100))
def test_a_deadline_counts_from_now_if_the_wheel_is_late(
    heartbeat: Heartbeat, before: float, late_s: float
) -> None:
    loop, wheel = made(heartbeat)
    other, peer = Deadline(loop), Deadline(loop)
    wheel.until_idle(other)
    loop.pass_by(before)
    loop.now_s += late_s
    began_s = loop.now_s
    wheel.until_lost(peer)
    loop.pass_by(heartbeat.timeout_s + 5)
    assert peer.came_s[0] - began_s >= heartbeat.timeout_s - 1e-6


def test_a_loop_that_is_always_late_still_finds_dead_peers() -> None:
    loop, wheel = made(Heartbeat(1, 1))
    peer = Deadline(loop)
    wheel.until_lost(peer)
    for _ in range(TICKS + 10):
        loop.now_s += 0.1
        loop.pass_by(0)
    assert len(peer.came_s) == 1


def test_a_failing_deadline_is_reported_and_the_others_are_served() -> None:
    class Failing(Deadline):
        def expired(self) -> None:
            super().expired()
            raise RuntimeError("no")

    loop, wheel = made(Heartbeat(1, 1))
    many = [Failing(loop), Deadline(loop), Failing(loop), Deadline(loop)]
    for one in many:
        wheel.until_ping(one)
    loop.pass_by(1)
    assert [len(one.came_s) for one in many] == [1] * 4
    assert len(loop.reported) == 2
