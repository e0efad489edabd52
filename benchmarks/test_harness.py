"""What does measuring cost, and how fast can the raw driver send?

Measures the CPU that the raw driver and the library's client need to receive a delivery; that the
relay needs to forward one, in its own process, with and without a tap; and that is needed to record
a message. Also finds the highest rate at which the raw driver leaves half of its core idle.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import msgspec
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import populated_room
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep
from lab.load.fan_out import FanOut
from lab.load.open_loop.knee import Bracket
from lab.load.profiles import Driver, HarnessSizes
from lab.load.raw import RawRoom
from lab.load.raw.headroom import Headroom, headroom
from lab.load.relay_apart import RelayApart
from lab.measure.figures import Workload
from lab.measure.process import CpuMeter, CpuUse, pin


def test_harness(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """Each tool by itself, with the transport's own server as its peer."""
    benchmark.group = "harness: what measuring costs (not a timing)"
    tally = Tally()
    detail = benchmark.pedantic(lambda: _measure_tools(served, tally), rounds=1)
    served.check()
    sizes = served.profile.harness
    workload = Workload(
        transport=served.transport.name,
        experiment="harness",
        measure="harness",
        client="raw",
        room_size=sizes.room,
        window=served.profile.window,
        payload_bytes=served.profile.payload_bytes,
    )
    keep(benchmark, tally.counts(workload, detail))
    tally.check()


def _measure_tools(served: ServedTransport, tally: Tally) -> dict[str, Any]:
    sizes, window = served.profile.harness, served.profile.window
    found = _headroom(served, sizes)
    rate = found.rate_per_s
    return {
        "raw_ns": _driver_ns(served, "raw", window, tally),
        "raw_one_ns": _driver_ns(served, "raw", 1, tally),
        "library_ns": _driver_ns(served, "library", window, tally),
        "relay_ns": _relay_ns(served, tally, tapping=False),
        "tapping_ns": _relay_ns(served, tally, tapping=True),
        "recording_ns": _recording_ns(sizes.messages, served.profile.rounds),
        "deliveries_per_s": None if rate is None else rate * sizes.room,
        **msgspec.to_builtins(found),
    }


def _driver_ns(served: ServedTransport, driver: Driver, window: int, tally: Tally) -> float:
    """The load's CPU per delivery, in a full room."""
    sizes = served.profile.harness
    with populated_room(served, f"{driver} room, {window}", sizes.room, driver) as populated:
        served.run(populated.fan_out(served.texts(window), window))
        meter = populated.meter()
        meter.start()
        found = served.run(populated.fan_out(served.texts(sizes.messages), window))
        use = meter.stop()
    tally.add(found)
    tally.uses.append(use)
    return use.load_cpu_ns / found.delivered


def _relay_ns(served: ServedTransport, tally: Tally, *, tapping: bool) -> float:
    """The relay's CPU per delivery, to a small room."""
    sizes, window = served.profile.harness, served.profile.window
    with RelayApart(served.address, tapping=tapping) as relay:
        pin(relay.pid, os.sched_getaffinity(0))
        room = f"behind the relay{', tapped' if tapping else ''}"
        with RawRoom(served.transport, relay.address, room, sizes.relayed_room) as members:
            members.fan_out(served.texts(window), window)
            meter = CpuMeter(relay.pid)
            meter.start()
            found = members.fan_out(served.texts(sizes.messages), window)
            used = meter.stop().load_cpu_ns
    tally.add(found)
    return used / found.delivered


def _recording_ns(messages: int, rounds: int) -> float:
    """The CPU to record one message: its duration, the histogram of all, and their JSON."""
    found = FanOut(messages, messages, messages, 0, list(range(1000, 1000 + messages)))
    tally = Tally()
    begun_ns = time.thread_time_ns()
    for _ in range(rounds):
        tally.add(found)
    workload = Workload(transport="recorder", experiment="harness", measure="recorder")
    msgspec.json.encode(tally.counts(workload))
    return (time.thread_time_ns() - begun_ns) / (messages * rounds)


def _headroom(served: ServedTransport, sizes: HarnessSizes) -> Headroom:
    bracket = Bracket(
        floor_per_s=sizes.floor_per_s,
        ceiling_per_s=sizes.ceiling_per_s,
        tolerance=sizes.tolerance,
    )
    with RawRoom(served.transport, served.address, "headroom", sizes.room) as room:
        return headroom(_offering(served, room), bracket, sizes.step_s)


def _offering(
    served: ServedTransport, room: RawRoom
) -> Callable[[int, float], tuple[FanOut, CpuUse]]:
    meter = served.meter()

    def offer(messages: int, rate_per_s: float) -> tuple[FanOut, CpuUse]:
        texts = served.texts(messages)
        meter.start()
        found = room.offer(texts, rate_per_s)
        return found, meter.stop()

    return offer
