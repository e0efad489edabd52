"""The raw driver's own limit: the search on a driver made of arithmetic, and on a real
transport.
"""

from __future__ import annotations

import os

import msgspec
import pytest

from lab.contract import Address
from lab.load.fan_out import FanOut
from lab.load.open_loop.knee import Bracket
from lab.load.raw import RawRoom
from lab.load.raw.headroom import Headroom, Offer, Step, headroom, judge, limit_of
from lab.load.texts import incompressible
from lab.measure.process import CpuMeter, CpuUse
from lab.measure.server import ServerProcess
from transports import registry

BRACKET = Bracket(floor_per_s=10, start_per_s=100, ceiling_per_s=10_000, tolerance=0.1)


def made_of(driver_us: float, server_us: float, lost_from: float = 1e9) -> Offer:
    """A driver and a server that take so much for each message, on a core each."""

    def offer(messages: int, rate_per_s: float) -> tuple[FanOut, CpuUse]:
        gap_ns = max(1e9 / rate_per_s, driver_us * 1e3, server_us * 1e3)
        lost = int(rate_per_s >= lost_from)
        found = FanOut(messages, messages, messages - lost, 0, [])
        used = [int(messages * us * 1e3) for us in (driver_us, server_us)]
        return found, CpuUse(int((messages - 1) * gap_ns), *used)

    return offer


def found(offer: Offer) -> Headroom:
    return headroom(offer, BRACKET, step_s=1)


def test_the_drivers_own_limit_is_half_of_a_core() -> None:
    """200 µs a message: 2,500 a second are half of a core."""
    told = found(made_of(driver_us=200, server_us=100))
    assert told.limit == "driver"
    assert told.rate_per_s is not None
    assert 2_500 / 1.11 < told.rate_per_s <= 2_500


def test_where_the_server_gives_up_first_it_is_a_lower_bound() -> None:
    told = found(made_of(driver_us=100, server_us=1_000))
    assert told.limit == "server"
    assert told.rate_per_s is not None
    assert 900 < told.rate_per_s < 1_200
    assert found(made_of(1, 1, lost_from=1_500)).limit == "server"


def test_where_nothing_gives_up_the_highest_rate_is_a_lower_bound() -> None:
    told = found(made_of(driver_us=1, server_us=1))
    assert (told.rate_per_s, told.limit) == (10_000, "ceiling")


def test_a_driver_that_no_rate_leaves_idle_has_none() -> None:
    told = found(made_of(driver_us=80_000, server_us=1))
    assert (told.rate_per_s, told.limit) == (None, "driver")


def test_one_hiccup_is_no_limit() -> None:
    steady, calls = made_of(driver_us=200, server_us=100), 0

    def offer(messages: int, rate_per_s: float) -> tuple[FanOut, CpuUse]:
        nonlocal calls
        calls += 1
        found, use = steady(messages, rate_per_s)
        return (found, use) if calls != 2 else (found, CpuUse(use.wall_ns * 3, 1, 1))

    told = found(offer)
    assert told.steps[1].outcome == "overloaded"
    assert told.limit == "driver"


@pytest.mark.parametrize(
    ("achieved", "share", "lost", "outcome"),
    [
        (100, 0.49, 0, "held"),
        (100, 0.50, 0, "slow"),
        (80, 0.30, 0, "overloaded"),
        (80, 0.95, 0, "slow"),  # it was the driver that could not
        (100, 0.10, 1, "lost"),
    ],
)
def test_what_comes_of_a_rate(achieved: float, share: float, lost: int, outcome: str) -> None:
    assert judge(100, achieved, CpuUse(1_000, int(share * 1_000), None), lost) == outcome


def test_the_lowest_rate_that_was_missed_is_what_stands_against_it() -> None:
    def step(rate: float, outcome: str) -> Step:
        told = {"rate_per_s": rate, "achieved_per_s": rate, "load_share": 0.1, "server_share": 0.1}
        return msgspec.convert({**told, "lost": 0, "outcome": outcome}, Step)

    assert limit_of([step(1, "held")]) == "ceiling"
    assert limit_of([step(1, "held"), step(4, "overloaded"), step(2, "slow")]) == "driver"
    assert limit_of([step(2, "slow"), step(2, "held"), step(4, "overloaded")]) == "server"


def test_a_real_driver_has_a_limit_or_its_server_has() -> None:
    transport = registry.load("websocket-tuned")
    with ServerProcess(transport.name, ["--unpaced"]) as server:
        where = msgspec.convert(server.ready, Address)
        meter = CpuMeter(os.getpid(), server.pid)
        with RawRoom(transport, where, "den", 10) as room:

            def offer(messages: int, rate_per_s: float) -> tuple[FanOut, CpuUse]:
                meter.start()
                told = room.offer(incompressible(64, messages), rate_per_s)
                return told, meter.stop()

            few = Bracket(floor_per_s=10, start_per_s=50, ceiling_per_s=200, tolerance=0.5)
            told = headroom(offer, few, step_s=0.2)
    assert told.limit in ("driver", "server", "ceiling")
    assert sum(each.lost for each in told.steps) == 0
    assert {each.rate_per_s for each in told.steps} >= {50}
