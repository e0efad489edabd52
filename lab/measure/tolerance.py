"""Judges ratios against a tolerance: is the candidate slower by more than that?

One comparison is judged by its 95 % interval. Of forty equal servers, though, one or two have an
interval that excludes 1. So a gate that looks at many figures would raise false alarms. The lab
therefore adds Holm's step-down procedure (Scandinavian Journal of Statistics 6, 1979, 65-70): over
all comparisons of a gate together, the chance of a false alarm is at most 2.5 %.
"""

from __future__ import annotations

__pure__ = True

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import scipy

from lab.measure.stats import CONFIDENCE, FEWEST_PASSES, Comparison

Outcome = Literal["no slower", "slower", "can't tell"]

EXIT_CODES: dict[Outcome, int] = {"no slower": 0, "slower": 1, "can't tell": 2}
MOST_PASSES = 1000
"""More passes than that are not worth a try, and not stated."""
TOLERANCE_PERCENT = 5.0
"""The default tolerance."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one comparison.

    `passes_needed`: with so many passes the outcome would probably be clear, if the ratio and the
    noise stay as they are. None: the outcome is clear, or more than `MOST_PASSES` would be needed.
    """

    outcome: Outcome
    passes_needed: int | None = None


def judge(comparisons: Sequence[tuple[Comparison, bool]], tolerance_percent: float) -> list[Judged]:
    """Judge comparisons together; the second of each pair: whether less is better.

    `slower`: the interval lies beyond the tolerance, and Holm's procedure agrees. `no slower`: the
    interval lies within it. `can't tell`: neither, or there are too few passes for an interval.
    """
    tolerance = tolerance_of(tolerance_percent)
    slowdowns = [_slowdown(found, lower_is_better) for found, lower_is_better in comparisons]
    alarms = holm([_chance(found, tolerance) for found in slowdowns])
    return [
        _judged(found, tolerance, alarm, len(comparisons))
        for found, alarm in zip(slowdowns, alarms, strict=True)
    ]


def tolerance_of(percent: float) -> float:
    """The tolerance as the log of a ratio."""
    return math.log(1 + percent / 100)


def overall(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of all: slower if one is, no slower only if all are, and there are some."""
    found = set(outcomes)
    if "slower" in found:
        return "slower"
    return "no slower" if found == {"no slower"} else "can't tell"


def holm(chances: Sequence[float]) -> list[bool]:
    """Which hypotheses fall, at a family-wise level of one tail of the confidence."""
    level = (1 - CONFIDENCE) / 2
    fallen = [False] * len(chances)
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[place] > level / (len(chances) - rank):
            break
        fallen[place] = True
    return fallen


class _Slowdown(msgspec.Struct, frozen=True):
    """The log of the factor by which the candidate is slower, with its interval."""

    centre: float
    low: float | None
    high: float | None
    passes: int


def _slowdown(found: Comparison, lower_is_better: bool) -> _Slowdown:
    centre = math.log(found.ratio)
    low, high = (math.log(end) if end is not None else None for end in (found.low, found.high))
    if lower_is_better:
        return _Slowdown(centre, low, high, found.passes)
    flipped = [None if end is None else -end for end in (high, low)]
    return _Slowdown(-centre, flipped[0], flipped[1], found.passes)


def _chance(found: _Slowdown, tolerance: float) -> float:
    """The chance that a server which is slower by just the tolerance looks as slow as this one.

    By Student's t. Its standard error is taken from the interval, on the side of the tolerance.
    """
    if found.low is None:
        return 1.0
    if found.low == found.centre:
        return 0.0 if found.centre > tolerance else 1.0
    error = (found.centre - found.low) / _quantile(found.passes, 1)
    return float(scipy.stats.t.sf((found.centre - tolerance) / error, found.passes - 1))


def _judged(found: _Slowdown, tolerance: float, alarm: bool, together: int) -> Judged:
    if found.low is None or found.high is None:
        return Judged(outcome="can't tell", passes_needed=FEWEST_PASSES)
    if found.low > tolerance and alarm:
        return Judged(outcome="slower")
    if found.high <= tolerance:
        return Judged(outcome="no slower")
    return Judged(outcome="can't tell", passes_needed=_needed(found, tolerance, together))


def _needed(found: _Slowdown, tolerance: float, together: int) -> int | None:
    """The number of passes at which the interval no longer reaches the tolerance.

    An alarm has to stand among all comparisons: there the interval is that much wider.
    """
    assert found.low is not None
    assert found.high is not None
    above = found.centre > tolerance
    reach = found.centre - found.low if above else found.high - found.centre
    return passes_for(
        reach / _quantile(found.passes, 1) * math.sqrt(found.passes),
        abs(found.centre - tolerance),
        together if above else 1,
        more_than=found.passes,
    )


def passes_for(
    deviation: float, distance: float, together: int = 1, *, more_than: int = FEWEST_PASSES - 1
) -> int | None:
    """The number of passes, above `more_than`, whose interval is narrower than `distance`.

    `deviation`: the standard deviation of the log ratio of a pass. `together`: among how many
    comparisons the interval has to hold. None: more than `MOST_PASSES`.
    """
    passes = np.arange(max(more_than + 1, FEWEST_PASSES), MOST_PASSES + 1)
    narrow = _quantile(passes, together) * deviation / np.sqrt(passes) <= distance
    return int(passes[narrow.argmax()]) if narrow.any() else None


def _quantile(passes: Any, together: int) -> Any:
    """Student's t, two-sided, for one of `together` comparisons; of a number or of an array."""
    tail = (1 - CONFIDENCE) / 2 / together
    return scipy.stats.t.isf(tail, passes - 1)
