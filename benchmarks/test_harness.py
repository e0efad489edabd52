"""What does whoever measures cost, and how fast can it ask?

What the raw driver and the library's client take to absorb a delivery; what the relay takes to pass
one on, in a process of its own, with and without a tap; what it takes to record a message; and the
highest rate at which the raw driver leaves half of its core idle.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.halls import full_hall
from benchmarks.stage import Stage
from benchmarks.tally import Tally
from lab.contract import Capability
from lab.load.fan_out import FanOut
from lab.load.knee import Bracket
from lab.load.profiles import Driver, HarnessSizes
from lab.load.raw import RawRoom, speaks
from lab.load.raw.headroom import Headroom, headroom
from lab.load.relay_apart import RelayApart
from lab.measure.process import CpuMeter, CpuUse, pin


@pytest.mark.needs(Capability.SOCKET)
def test_harness(benchmark: BenchmarkFixture, stage: Stage) -> None:
    """Each tool by itself, with the wire's own server at the other end."""
    if not speaks(stage.wire):
        pytest.skip(f"the raw driver does not speak {stage.wire.name}")
    benchmark.group = "harness: what measuring costs (not a timing)"
    tally = Tally()
    detail = benchmark.pedantic(lambda: _weighed(stage, tally), rounds=1)
    stage.check()
    sizes = stage.profile.harness
    info = tally.info(
        stage.wire.name,
        experiment="harness",
        measure="harness",
        client="raw",
        room_size=sizes.room,
        window=stage.profile.window,
        payload_bytes=stage.profile.payload_bytes,
    )
    benchmark.extra_info.update(info, detail=detail)
    tally.check()


def _weighed(stage: Stage, tally: Tally) -> dict[str, Any]:
    sizes, window = stage.profile.harness, stage.profile.window
    found = _headroom(stage, sizes)
    rate = found.rate_per_s
    return {
        "raw_ns": _driver_ns(stage, "raw", window, tally),
        "raw_one_ns": _driver_ns(stage, "raw", 1, tally),
        "library_ns": _driver_ns(stage, "library", window, tally),
        "relay_ns": _relay_ns(stage, tally, tapping=False),
        "tapping_ns": _relay_ns(stage, tally, tapping=True),
        "recording_ns": _recording_ns(sizes.messages, stage.profile.rounds),
        "deliveries_per_s": None if rate is None else rate * sizes.room,
        **msgspec.to_builtins(found),
    }


def _driver_ns(stage: Stage, driver: Driver, window: int, tally: Tally) -> float:
    """What one delivery takes the load, in a full room."""
    sizes = stage.profile.harness
    with full_hall(stage, f"{driver} hall, {window}", sizes.room, driver) as hall:
        stage.run(hall.fan_out(stage.texts(window), window))
        meter = hall.meter()
        meter.start()
        found = stage.run(hall.fan_out(stage.texts(sizes.messages), window))
        use = meter.stop()
    tally.add(found)
    tally.uses.append(use)
    return use.load_cpu_ns / found.delivered


def _relay_ns(stage: Stage, tally: Tally, *, tapping: bool) -> float:
    """What one delivery takes a relay, to a small room."""
    sizes, window = stage.profile.harness, stage.profile.window
    with RelayApart(stage.address, tapping=tapping) as relay:
        pin(relay.pid, os.sched_getaffinity(0))
        room = f"behind the relay{', tapped' if tapping else ''}"
        with RawRoom(stage.wire, relay.address, room, sizes.relayed_room) as members:
            members.fan_out(stage.texts(window), window)
            meter = CpuMeter(relay.pid)
            meter.start()
            found = members.fan_out(stage.texts(sizes.messages), window)
            used = meter.stop().load_cpu_ns
    tally.add(found)
    return used / found.delivered


def _recording_ns(messages: int, rounds: int) -> float:
    """What it takes to keep one message: its duration, the histogram of all, and their JSON."""
    found = FanOut(messages, messages, messages, 0, list(range(1000, 1000 + messages)))
    tally = Tally()
    begun_ns = time.thread_time_ns()
    for _ in range(rounds):
        tally.add(found)
    json.dumps(tally.info("recorder", experiment="harness", measure="recorder"))
    return (time.thread_time_ns() - begun_ns) / (messages * rounds)


def _headroom(stage: Stage, sizes: HarnessSizes) -> Headroom:
    bracket = Bracket(
        floor_per_s=sizes.floor_per_s,
        ceiling_per_s=sizes.ceiling_per_s,
        tolerance=sizes.tolerance,
    )
    with RawRoom(stage.wire, stage.address, "headroom", sizes.room) as room:
        return headroom(_offering(stage, room), bracket, sizes.step_s)


def _offering(stage: Stage, room: RawRoom) -> Callable[[int, float], tuple[FanOut, CpuUse]]:
    meter = stage.meter()

    def offer(messages: int, rate_per_s: float) -> tuple[FanOut, CpuUse]:
        texts = stage.texts(messages)
        meter.start()
        found = room.offer(texts, rate_per_s)
        return found, meter.stop()

    return offer
