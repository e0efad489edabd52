"""What rate does a wire hold, and how long does a message take that does not wait for its turn?

An open loop: each message is due at a time fixed before the run and is timed from that time,
whatever the server does. The knee is the highest rate with p99 under the bound and nothing lost.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.stage import Stage
from benchmarks.tally import VOID, Tally
from lab.contract import Capability
from lab.load.knee import Bracket, Knee, Step, sweep
from lab.load.offered import Load, OpenLoop
from lab.load.open_loop import open_loop
from lab.load.profiles import OpenLoopSizes
from lab.load.schedule import Arrivals
from lab.measure import histogram
from lab.measure.process import CpuUse

TRIES = 2
"""A rate that was slow once is tried again: one hiccup of the machine is no knee."""


@pytest.mark.needs(Capability.SOCKET)
def test_knee(benchmark: BenchmarkFixture, stage: Stage, arrivals: Arrivals) -> None:
    """One rate after another, until the highest that is held is known."""
    sizes = stage.profile.open_loop
    benchmark.group = f"load: the highest rate held, {arrivals} arrivals (not a timing)"
    bracket = Bracket(
        start_per_s=sizes.start_per_s, floor_per_s=sizes.floor_per_s, tolerance=sizes.tolerance
    )
    uses: dict[float, CpuUse] = {}

    def watch(step: Step, run: OpenLoop) -> None:
        if run.cpu is not None:
            uses[step.rate_per_s] = run.cpu

    async def look() -> Knee:
        return await sweep(
            stage.connect,
            _load(stage, sizes.floor_per_s, sizes.step_s, arrivals),
            bracket,
            server_pid=stage.meter().server_pid,
            watch=watch,
            tries=TRIES,
        )

    found: Knee = benchmark.pedantic(lambda: stage.run(look()), rounds=1)
    stage.check()
    tally = Tally()
    tally.uses = [uses[_telling(found)]]
    detail = {**msgspec.to_builtins(found), **_offered(sizes, arrivals)}
    info = tally.info(
        stage.wire.name, experiment="load", measure="knee", payload_bytes=_payload(stage)
    )
    benchmark.extra_info.update(info, detail=detail)


@pytest.mark.needs(Capability.SOCKET)
def test_modest_rate(benchmark: BenchmarkFixture, stage: Stage, arrivals: Arrivals) -> None:
    """The same rate on every wire, far below all knees."""
    sizes = stage.profile.open_loop
    benchmark.group = f"load: {sizes.modest_per_s:g} messages a second, {arrivals} arrivals"
    load = _load(stage, sizes.modest_per_s, sizes.modest_s, arrivals)

    async def offer() -> OpenLoop:
        return await open_loop(stage.connect, load, stage.meter())

    run: OpenLoop = benchmark.pedantic(lambda: stage.run(offer()), rounds=1)
    stage.check()
    benchmark.extra_info.update(_of(run, stage), detail=_told(run, sizes, arrivals))
    if run.out_of_order:
        pytest.fail(f"{run.out_of_order} deliveries out of order: the wire is broken")
    if run.lost:
        pytest.fail(f"{VOID} {run.why}")


def _load(stage: Stage, rate_per_s: float, duration_s: float, arrivals: Arrivals) -> Load:
    sizes = stage.profile.open_loop
    return Load(
        rate_per_s=rate_per_s,
        duration_s=duration_s,
        senders=sizes.rooms,
        rooms=sizes.rooms,
        members_per_room=sizes.members_per_room,
        arrivals=arrivals,
        payload_bytes=_payload(stage),
        room=f"open loop at {rate_per_s:g}",
    )


def _payload(stage: Stage) -> int:
    return stage.profile.payload_bytes


def _telling(found: Knee) -> float:
    """The rate at which to see who was at its limit: the lowest not held, else the highest."""
    held = {one.rate_per_s for one in found.steps if one.outcome == "held"}
    tried = {one.rate_per_s for one in found.steps}
    return min(tried - held, default=max(tried))


def _offered(sizes: OpenLoopSizes, arrivals: Arrivals) -> dict[str, Any]:
    rooms = {"rooms": sizes.rooms, "members_per_room": sizes.members_per_room}
    return {"arrivals": arrivals, **rooms}


def _of(run: OpenLoop, stage: Stage) -> dict[str, Any]:
    """The run's counts in the schema of results/README.md."""
    tally = Tally()
    tally.uses = [run.cpu] if run.cpu is not None else []
    tally.expected = run.sent * (run.load.members_per_room + 1)
    tally.delivered = tally.expected - run.lost
    info = tally.info(
        stage.wire.name, experiment="load", measure="modest_rate", payload_bytes=_payload(stage)
    )
    return {
        **info,
        "operations": run.sent,
        "samples_hdr": histogram.encode(run.delivery.corrected),
    }


def _told(run: OpenLoop, sizes: OpenLoopSizes, arrivals: Arrivals) -> dict[str, Any]:
    uncorrected = run.delivery.uncorrected
    p50_ns, p99_ns = uncorrected.percentiles_ns([50, 99]) if uncorrected.count else (None, None)
    return {
        "rate_per_s": run.load.rate_per_s,
        "achieved_per_s": run.achieved_per_s,
        "uncorrected_p50_ns": p50_ns,
        "uncorrected_p99_ns": p99_ns,
        "late_p99_ns": run.late_p99_ns,
        "load_bound": run.load_bound,
        "why": run.why,
        **_offered(sizes, arrivals),
    }
