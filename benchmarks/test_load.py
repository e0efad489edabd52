"""Which rate does a transport hold, and what is the latency in an open loop?

In an open loop each message is due at a time that is fixed before the run, and is timed from then,
whatever the server does. The knee is the highest rate with p99 below the bound and nothing lost.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, VoidError, keep
from lab.load.open_loop.knee import Bracket, Knee, Step, sweep
from lab.load.open_loop.load import Load, OpenLoop
from lab.load.open_loop.run import open_loop
from lab.load.open_loop.schedule import Arrivals
from lab.load.profiles import OpenLoopSizes
from lab.measure import histogram
from lab.measure.figures import Counts, Workload
from lab.measure.process import CpuUse

TRIES = 2
"""A slow rate is tried again, because one disturbance of the machine is not a knee."""


def test_knee(benchmark: BenchmarkFixture, served: ServedTransport, arrivals: Arrivals) -> None:
    """Try rates until the highest one that is held is known."""
    sizes = served.profile.open_loop
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
            served.connect,
            _load(served, sizes.floor_per_s, sizes.step_s, arrivals),
            bracket,
            server_pid=served.meter().server_pid,
            watch=watch,
            tries=TRIES,
        )

    found: Knee = benchmark.pedantic(lambda: served.run(look()), rounds=1)
    served.check()
    tally = Tally()
    tally.uses = [uses[_decisive_rate(found)]]
    detail = {**msgspec.to_builtins(found), **_offered(sizes, arrivals)}
    keep(benchmark, tally.counts(_workload(served, "knee"), detail))


def test_modest_rate(
    benchmark: BenchmarkFixture, served: ServedTransport, arrivals: Arrivals
) -> None:
    """The same rate on every transport, far below all knees."""
    sizes = served.profile.open_loop
    benchmark.group = f"load: {sizes.modest_per_s:g} messages a second, {arrivals} arrivals"
    load = _load(served, sizes.modest_per_s, sizes.modest_s, arrivals)

    async def offer() -> OpenLoop:
        return await open_loop(served.connect, load, served.meter())

    run: OpenLoop = benchmark.pedantic(lambda: served.run(offer()), rounds=1)
    served.check()
    keep(benchmark, _counts(run, _workload(served, "modest_rate"), _detail(run, sizes, arrivals)))
    if run.out_of_order:
        pytest.fail(f"{run.out_of_order} deliveries out of order: the transport is broken")
    if run.lost:
        raise VoidError(run.why)


def _load(
    served: ServedTransport, rate_per_s: float, duration_s: float, arrivals: Arrivals
) -> Load:
    sizes = served.profile.open_loop
    return Load(
        rate_per_s=rate_per_s,
        duration_s=duration_s,
        senders=sizes.rooms,
        rooms=sizes.rooms,
        members_per_room=sizes.members_per_room,
        arrivals=arrivals,
        payload_bytes=_payload(served),
        room=f"open loop at {rate_per_s:g}",
    )


def _payload(served: ServedTransport) -> int:
    return served.profile.payload_bytes


def _decisive_rate(found: Knee) -> float:
    """The rate that shows which side was at its limit: the lowest not held, or the highest."""
    held = {one.rate_per_s for one in found.steps if one.outcome == "held"}
    tried = {one.rate_per_s for one in found.steps}
    return min(tried - held, default=max(tried))


def _offered(sizes: OpenLoopSizes, arrivals: Arrivals) -> dict[str, Any]:
    rooms = {"rooms": sizes.rooms, "members_per_room": sizes.members_per_room}
    return {"arrivals": arrivals, **rooms}


def _workload(served: ServedTransport, measured: str) -> Workload:
    return Workload(
        transport=served.transport.name,
        experiment="load",
        measure=measured,
        payload_bytes=_payload(served),
    )


def _counts(run: OpenLoop, workload: Workload, detail: dict[str, Any]) -> Counts:
    """The run's counts, with the durations that the open loop has put into a histogram."""
    tally = Tally()
    tally.uses = [run.cpu] if run.cpu is not None else []
    tally.expected = run.sent * (run.load.members_per_room + 1)
    tally.delivered = tally.expected - run.lost
    return msgspec.structs.replace(
        tally.counts(workload, detail),
        operations=run.sent,
        samples_hdr=histogram.encode(run.delivery.corrected),
    )


def _detail(run: OpenLoop, sizes: OpenLoopSizes, arrivals: Arrivals) -> dict[str, Any]:
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
