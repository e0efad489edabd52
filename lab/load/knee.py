"""The knee: above the open loop, the highest rate that a wire holds, looked for step by step.

A rate is held when p99 of the corrected latency, until the last member has the message, is within
the bound and nothing was lost. `search` decides which rate is tried next and knows no wire and no
clock; `sweep` tries them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Sequence
from typing import Literal

import msgspec

from lab.load.fleet import Connect
from lab.load.offered import Latency, Load, OpenLoop
from lab.load.open_loop import open_loop
from lab.load.schedule import HIGHEST_RATE_PER_S
from lab.measure.process import CpuMeter, Side

Outcome = Literal["held", "slow", "lost", "overloaded", "load-bound"]
"""What came of one rate. `slow`: p99 was past the bound. `load-bound`: the driver was the limit, so
that nothing is known of the server."""

Limit = Literal["knee", "load", "ceiling", "floor"]
"""What ended a search. `knee`: the next rate was not held. `load`: the next rate could not be
offered. `ceiling`: there was no next rate. `floor`: not even the lowest rate was held."""

P99_BOUND_NS = 50_000_000
FEWEST_MESSAGES = 100
"""With fewer, p99 is the slowest message, whichever that was."""


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """Where a knee is looked for, and how closely.

    From `start_per_s` by factors of `growth` up to `ceiling_per_s` (or down to `floor_per_s`),
    then halving, on a logarithmic scale, until the knee is known within the share `tolerance`.

    Raises ValueError, naming what is allowed, for a bracket that holds nothing.
    """

    start_per_s: float = 100.0
    ceiling_per_s: float = 100_000.0
    floor_per_s: float = 50.0
    growth: float = 2.0
    tolerance: float = 0.1

    def __post_init__(self) -> None:
        rates = (self.floor_per_s, self.start_per_s, self.ceiling_per_s)
        if not 0 < rates[0] <= rates[1] <= rates[2] <= HIGHEST_RATE_PER_S:
            raise ValueError(
                f"rates must be 0 < floor <= start <= ceiling <= {HIGHEST_RATE_PER_S:,} per s, "
                f"not {rates[0]:g}, {rates[1]:g}, {rates[2]:g}"
            )
        if not 1.1 <= self.growth <= 100:
            raise ValueError(f"growth must be from 1.1 to 100, not {self.growth:g}")
        if not 0.001 <= self.tolerance <= 1:
            raise ValueError(f"tolerance must be from 0.001 to 1, not {self.tolerance:g}")


class Found(msgspec.Struct, frozen=True):
    """The highest rate that was held, None for none, and what ended the search there."""

    rate_per_s: float | None
    limit: Limit


class Step(msgspec.Struct, frozen=True):
    """One rate that was tried: numbers to plot. Latencies are deliveries to the last member, in ns.

    A percentile is None where nothing arrived. `uncorrected`: see `Latency`.
    """

    rate_per_s: float
    achieved_per_s: float
    goodput_per_s: float
    sent: int
    lost: int
    late_p99_ns: int
    p50_ns: int | None
    p99_ns: int | None
    uncorrected_p50_ns: int | None
    uncorrected_p99_ns: int | None
    saturated: Side
    outcome: Outcome
    why: str


class Knee(msgspec.Struct, frozen=True):
    """The highest rate held within `p99_bound_ns` with nothing lost, and all that was tried for it.

    `limit` other than `knee` means that `rate_per_s` is what was reached and not what the wire
    can hold; `why` says so in a sentence. `steps` are in the order in which they were run.
    """

    rate_per_s: float | None
    limit: Limit
    why: str
    p99_bound_ns: int
    steps: list[Step]


def search(bracket: Bracket) -> Generator[float, Outcome, Found]:
    """Yield rates to try, be sent what came of each, return what was found. Pure.

    Where every rate up to some knee is held and none above it, that knee is less than
    `1 + tolerance` times the rate found, and the rate found is not above it.
    """
    low, high, beyond = yield from _surround(bracket)
    if low is None:
        return Found(None, "load" if beyond == "load-bound" else "floor")
    if high is None:
        return Found(low, "ceiling")
    while high > low * (1 + bracket.tolerance):
        middle = math.sqrt(low * high)
        outcome = yield middle
        if outcome == "held":
            low = middle
        else:
            high, beyond = middle, outcome
    return Found(low, "load" if beyond == "load-bound" else "knee")


def _surround(
    bracket: Bracket,
) -> Generator[float, Outcome, tuple[float | None, float | None, Outcome]]:
    """A rate that was held and one that was not, with what came of that; None: there is none."""
    low: float | None = None
    high: float | None = None
    beyond: Outcome = "held"
    rate = bracket.start_per_s
    while True:
        outcome = yield rate
        if outcome == "held":
            low, following = rate, min(rate * bracket.growth, bracket.ceiling_per_s)
        else:
            high, beyond = rate, outcome
            following = max(rate / bracket.growth, bracket.floor_per_s)
        if following == rate or (low is not None and high is not None):
            return low, high, beyond
        rate = following


def patiently(
    searching: Generator[float, Outcome, Found], tries: int
) -> Generator[float, Outcome, Found]:
    """The same search, whose rates are tried up to `tries` times where one was slow or load-bound.

    One hiccup of the machine is no knee; a loss is believed at once.
    """
    rate = next(searching)
    while True:
        for _ in range(tries):
            outcome = yield rate
            if outcome not in ("slow", "load-bound"):
                break
        try:
            rate = searching.send(outcome)
        except StopIteration as end:
            found: Found = end.value
            return found


async def sweep(
    connect: Connect,
    load: Load,
    bracket: Bracket | None = None,
    *,
    p99_bound_ns: int = P99_BOUND_NS,
    server_pid: int | None = None,
    watch: Callable[[Step, OpenLoop], None] | None = None,
    tries: int = 1,
) -> Knee:
    """Offer `load` at one rate after another until its knee is found; its own rate is not used.

    `server_pid`: whose CPU decides, beside this process's, which side was saturated. `watch` is
    given each step as it ends, with the run that has its histograms. `tries`: see `patiently`.
    Raises what `open_loop` does, and ValueError for a bound that nothing can be within, or steps
    too short to have a p99.
    """
    bracket = bracket or Bracket()
    _check(load, bracket, p99_bound_ns)
    steps: list[Step] = []

    async def outcome_at(rate: float) -> Outcome:
        tried = _at(load, rate, len(steps))
        run = await open_loop(connect, tried, CpuMeter(os.getpid(), server_pid))
        steps.append(step(run, p99_bound_ns))
        if watch is not None:
            watch(steps[-1], run)
        return steps[-1].outcome

    searching = patiently(search(bracket), tries)
    rate = next(searching)
    while True:
        try:
            rate = searching.send(await outcome_at(rate))
        except StopIteration as end:
            found: Found = end.value
            return Knee(found.rate_per_s, found.limit, reason(found, steps), p99_bound_ns, steps)


def step(run: OpenLoop, p99_bound_ns: int) -> Step:
    """What a run says of its rate."""
    delivery = run.delivery
    p50_ns, p99_ns = _percentiles(delivery, "corrected")
    uncorrected_p50_ns, uncorrected_p99_ns = _percentiles(delivery, "uncorrected")
    side = run.cpu.saturated if run.cpu is not None else "unknown"
    outcome, why = _judge(run, p99_ns, p99_bound_ns, side)
    return Step(
        rate_per_s=run.load.rate_per_s,
        achieved_per_s=run.achieved_per_s,
        goodput_per_s=run.goodput_per_s,
        sent=run.sent,
        lost=run.lost,
        late_p99_ns=run.late_p99_ns,
        p50_ns=p50_ns,
        p99_ns=p99_ns,
        uncorrected_p50_ns=uncorrected_p50_ns,
        uncorrected_p99_ns=uncorrected_p99_ns,
        saturated=side,
        outcome=outcome,
        why=why,
    )


def _check(load: Load, bracket: Bracket, p99_bound_ns: int) -> None:
    if p99_bound_ns < 1:
        raise ValueError(f"p99_bound_ns must be at least 1, not {p99_bound_ns}")
    if bracket.floor_per_s * load.duration_s < FEWEST_MESSAGES:
        raise ValueError(
            f"the lowest rate must make {FEWEST_MESSAGES} messages in duration_s, to have a p99: "
            f"floor_per_s must be at least {FEWEST_MESSAGES / load.duration_s:g}, "
            f"not {bracket.floor_per_s:g}"
        )


def _judge(run: OpenLoop, p99_ns: int | None, bound_ns: int, side: Side) -> tuple[Outcome, str]:
    outcome: Outcome = run.verdict
    why = run.why
    if outcome == "held" and run.delivery.corrected.above:  # beyond the scale, in no percentile
        outcome = "slow"
        why = f"{run.delivery.corrected.above} deliveries took longer than any histogram holds"
    elif outcome == "held" and p99_ns is not None and p99_ns > bound_ns:
        outcome = "slow"
        why = f"p99 was {p99_ns / 1e6:.1f} ms, more than {bound_ns / 1e6:g} ms"
    if outcome in ("held", "load-bound") or side != "load":
        return outcome, why
    return "load-bound", f"the load had no CPU left while the server had: {why}"


def _percentiles(latency: Latency, which: Literal["corrected", "uncorrected"]) -> list[int | None]:
    """p50 and p99; None where nothing arrived."""
    told = latency.corrected if which == "corrected" else latency.uncorrected
    return list(told.percentiles_ns([50, 99])) if told.count else [None, None]


def _at(load: Load, rate_per_s: float, number: int) -> Load:
    """The load at that rate, in rooms of its own."""
    room = f"{load.room} at step {number},"
    return msgspec.structs.replace(load, rate_per_s=rate_per_s, room=room)


def reason(found: Found, steps: Sequence[Step]) -> str:
    """Why the search ended where it did, with what came of the nearest rate beyond."""
    held = {one.rate_per_s for one in steps if one.outcome == "held"}
    missed = [one for one in steps if one.rate_per_s not in held]
    nearest = min(missed, key=lambda one: one.rate_per_s, default=None)
    above = f"at {nearest.rate_per_s:.0f}/s {nearest.why}" if nearest is not None else ""
    match found.limit:
        case "knee":
            return f"held {found.rate_per_s:.0f}/s; {above}"
        case "load" if found.rate_per_s is not None:
            return f"held {found.rate_per_s:.0f}/s, and the load is the limit: {above}"
        case "load":
            return f"nothing can be said, since the load is the limit: {above}"
        case "ceiling":
            return f"held {found.rate_per_s:.0f}/s, the highest rate that was to be tried"
    return f"not even the lowest rate was held: {above}"
