"""Finds the knee: the highest rate that a transport holds in an open loop.

A rate is held if p99 of the corrected latency, until the last member has the message, is within the
bound and nothing was lost. `search` decides which rate comes next; it knows no transport and no
clock. `sweep` tries the rates.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Sequence
from typing import Literal

import msgspec

from lab.load.fleet import Connect
from lab.load.open_loop.load import Latency, Load, OpenLoop
from lab.load.open_loop.run import open_loop
from lab.load.open_loop.schedule import HIGHEST_RATE_PER_S
from lab.measure.process import CpuMeter, Side

Outcome = Literal["held", "slow", "lost", "overloaded", "load-bound"]
"""The result of one rate. `slow`: p99 was above the bound. `load-bound`: the driver was the limit,
so nothing is known about the server."""

Limit = Literal["knee", "load", "ceiling", "floor"]
"""What ended a search. `knee`: the next rate was not held. `load`: the next rate could not be
offered. `ceiling`: there was no next rate. `floor`: not even the lowest rate was held."""

P99_BOUND_NS = 50_000_000
FEWEST_MESSAGES = 100
"""With fewer messages, p99 is just the slowest message."""


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """The range and the precision of the search.

    Rates rise from `start_per_s` by factors of `growth` up to `ceiling_per_s`, or fall to
    `floor_per_s`. Then the range is halved, on a logarithmic scale, until the knee is known within
    the share `tolerance`.

    Raises ValueError, with the allowed values, for an empty range.
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
    """The highest rate that was held (None: no rate was), and what ended the search."""

    rate_per_s: float | None
    limit: Limit


class Step(msgspec.Struct, frozen=True):
    """One rate that was tried: numbers to plot. Latencies end at the last member, in ns.

    A percentile is None if nothing arrived. `uncorrected`: see `Latency`.
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
    """The highest rate held within `p99_bound_ns` with nothing lost, and all steps of the search.

    If `limit` is not `knee`, `rate_per_s` is only what was reached, and the transport may hold
    more. `why` says so in a sentence. `steps` are in the order in which they were run.
    """

    rate_per_s: float | None
    limit: Limit
    why: str
    p99_bound_ns: int
    steps: list[Step]


def search(bracket: Bracket) -> Generator[float, Outcome, Found]:
    """Yield rates to try, receive the result of each, return what was found. Pure.

    If every rate up to a knee is held and none above it, the found rate is at most that knee, and
    the knee is less than `1 + tolerance` times the found rate.
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
    """A rate that was held, one that was not, and its result; None: there is none."""
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
    """The same search, but a rate that is slow or load-bound is tried up to `tries` times.

    One disturbance of the machine is not a knee. A loss is accepted at once.
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
    """Offer `load` at one rate after another until the knee is found. Its own rate is not used.

    `server_pid`: the CPU of this process and of our own decide which side was saturated. `watch`
    receives each step when it ends, with its run and histograms. `tries`: see `patiently`. Raises
    what `open_loop` raises, and ValueError for a bound below 1 ns or for steps too short for a p99.
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
    """Summarise a run at one rate."""
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
    if outcome == "held" and run.delivery.corrected.above:  # beyond the scale, so in no percentile
        outcome = "slow"
        why = f"{run.delivery.corrected.above} deliveries took longer than any histogram holds"
    elif outcome == "held" and p99_ns is not None and p99_ns > bound_ns:
        outcome = "slow"
        why = f"p99 was {p99_ns / 1e6:.1f} ms, more than {bound_ns / 1e6:g} ms"
    if outcome in ("held", "load-bound") or side != "load":
        return outcome, why
    return "load-bound", f"the load had no CPU left while the server had: {why}"


def _percentiles(latency: Latency, which: Literal["corrected", "uncorrected"]) -> list[int | None]:
    """p50 and p99; None if nothing arrived."""
    told = latency.corrected if which == "corrected" else latency.uncorrected
    return list(told.percentiles_ns([50, 99])) if told.count else [None, None]


def _at(load: Load, rate_per_s: float, number: int) -> Load:
    """The load at this rate, in new rooms."""
    room = f"{load.room} at step {number},"
    return msgspec.structs.replace(load, rate_per_s=rate_per_s, room=room)


def reason(found: Found, steps: Sequence[Step]) -> str:
    """Why the search ended, with the result of the next higher rate."""
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
