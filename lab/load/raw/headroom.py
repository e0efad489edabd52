"""Finds the raw driver's own limit: the highest rate at which half of its core is idle.

Above half, waiting for a core begins to change the measured values. Each rate is offered for a
while and the driver's CPU is read. `knee.search` decides which rate comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from lab.load.fan_out import FanOut
from lab.load.open_loop.knee import Bracket, Outcome, search
from lab.measure.process import SATURATED_SHARE, CpuUse

IDLE_ENOUGH = 0.5
"""The largest share of one core that leaves the driver idle enough."""
FEWEST_MESSAGES = 5
KEPT_UP = 0.9
"""If the driver reached less than this share of a rate, it did not offer the rate."""

Limit = Literal["driver", "server", "ceiling"]
"""What ended a search: the driver was busy for half of the time, the server could not follow, or
there was no higher rate to try. In the last two cases the result is a lower bound."""

Offer = Callable[[int, float], tuple[FanOut, CpuUse]]
"""Say a number of messages at a rate per second. Returns the result and the CPU used."""


class Step(msgspec.Struct, frozen=True):
    """One rate that was tried, in messages per second. Shares are of one core."""

    rate_per_s: float
    achieved_per_s: float
    load_share: float
    server_share: float | None
    lost: int
    outcome: Outcome


class Headroom(msgspec.Struct, frozen=True):
    """The highest rate in messages per second that left the driver idle enough; None: no rate did.

    `steps` are in the order in which they were run.
    """

    rate_per_s: float | None
    limit: Limit
    steps: list[Step]


def headroom(offer: Offer, bracket: Bracket, step_s: float, tries: int = 2) -> Headroom:
    """Find the limit. Each rate is offered for `step_s`.

    A rate that was not held is tried again, up to `tries` times in all, because one disturbance of
    the machine is not a limit. Raises what `offer` raises.
    """
    steps: list[Step] = []
    searching = search(bracket)
    rate = next(searching)
    while True:
        for _ in range(tries):
            steps.append(_tried(offer, rate, step_s))
            if steps[-1].outcome == "held":
                break
        try:
            rate = searching.send(steps[-1].outcome)
        except StopIteration as end:
            return Headroom(end.value.rate_per_s, limit_of(steps), steps)


def limit_of(steps: Sequence[Step]) -> Limit:
    """Why the lowest of the failed rates was not held."""
    held = {each.rate_per_s for each in steps if each.outcome == "held"}
    missed = [each for each in steps if each.rate_per_s not in held]
    if not missed:
        return "ceiling"
    lowest = min(each.rate_per_s for each in missed)
    outcomes = [each.outcome for each in missed if each.rate_per_s == lowest]
    return "driver" if outcomes[-1] == "slow" else "server"


def judge(rate_per_s: float, achieved_per_s: float, use: CpuUse, lost: int) -> Outcome:
    """The result of one rate. `slow` is the driver's fault; `lost` and `overloaded` are not."""
    if lost:
        return "lost"
    if achieved_per_s < KEPT_UP * rate_per_s and use.load_share < SATURATED_SHARE:
        return "overloaded"
    return "held" if use.load_share < IDLE_ENOUGH else "slow"


def _tried(offer: Offer, rate_per_s: float, step_s: float) -> Step:
    messages = max(FEWEST_MESSAGES, round(rate_per_s * step_s))
    found, use = offer(messages, rate_per_s)
    # The first message is due at once, so there is one gap less than there are messages.
    achieved = (messages - 1) * 1e9 / use.wall_ns
    return Step(
        rate_per_s=rate_per_s,
        achieved_per_s=achieved,
        load_share=use.load_share,
        server_share=use.server_share,
        lost=found.lost,
        outcome=judge(rate_per_s, achieved, use, found.lost),
    )
