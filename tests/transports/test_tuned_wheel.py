"""The wheel of deadlines: never late together, never impatient, and still when there are none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.contract import Heartbeat
from transports._tuned_wheel import IDLE_S, OPENING_S, TICKS, Slot, Wheel


class HandDriven:
    """A loop whose time is the test's."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.reported: list[dict[str, Any]] = []
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, at_s: float, callback: Callable[[], None]) -> object:
        self._timers.append((at_s, callback))
        return self

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.reported.append(context)

    def waits(self) -> bool:
        """Whether anything is to happen at all."""
        return bool(self._timers)

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and every timer that is due go off."""
        end_s = self.now_s + seconds
        while self._timers and min(self._timers)[0] <= end_s:
            at_s, callback = min(self._timers, key=lambda timer: timer[0])
            self._timers.remove((at_s, callback))
            self.now_s = max(self.now_s, at_s)
            callback()
        self.now_s = end_s


class Deadline:
    """Remembers when it came; `then` is what a wire would do about it."""

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


def made(heartbeat: Heartbeat) -> tuple[HandDriven, Wheel]:
    loop = HandDriven()
    return loop, Wheel(heartbeat, cast(asyncio.AbstractEventLoop, loop))


heartbeats = st.builds(Heartbeat, st.floats(0.1, 60), st.floats(0.1, 60))
parts = st.floats(0, 1)


@given(heartbeats, parts)
def test_a_silent_peer_is_lost_in_time_and_an_answer_has_its_time(
    heartbeat: Heartbeat, part: float
) -> None:
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


@pytest.mark.parametrize("seconds", [OPENING_S, IDLE_S])
def test_a_connection_has_the_time_that_it_is_given(seconds: float) -> None:
    loop, wheel = made(Heartbeat())
    one = Deadline(loop)
    (wheel.until_opened if seconds == OPENING_S else wheel.until_idle)(one)
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


def test_a_loop_that_was_busy_serves_what_it_owes() -> None:
    loop, wheel = made(Heartbeat(1, 1))
    many = [Deadline(loop) for _ in range(100)]
    for one in many:
        wheel.until_ping(one)
        loop.pass_by(0.005)
    loop.now_s += 500
    loop.pass_by(0)
    assert all(len(one.came_s) == 1 for one in many)


def test_one_that_fails_is_reported_and_the_others_are_served() -> None:
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
