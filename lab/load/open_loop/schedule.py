"""The intended times of an open loop, as integers, before any clock runs.

Times are ns after the start of the run. They are computed one at a time, so an impossible rate
needs no memory before the run detects it.
"""

from __future__ import annotations

__pure__ = True

import itertools
import math
import random
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

Arrivals = Literal["constant", "poisson"]
"""`constant`: equal gaps. `poisson`: independent gaps, as of many independent users."""

SECOND_NS = 1_000_000_000
HIGHEST_RATE_PER_S = SECOND_NS
"""At a higher rate, messages would share a nanosecond."""
LONGEST_S = 3600


class Slot(NamedTuple):
    """One message to send: when, by which sender, in which room."""

    due_ns: int
    sender: int
    room: int


def intended(
    arrivals: Arrivals, rate_per_s: float, duration_s: float, seed: int = 0
) -> Iterator[int]:
    """All intended sends, in ns after the start, ascending, before `duration_s`.

    Raises ValueError, with the allowed values, for another kind of arrivals, or an impossible rate
    or duration.
    """
    check(arrivals, rate_per_s, duration_s)
    if arrivals == "constant":
        return _constant(_exact(rate_per_s), _exact(duration_s))
    return _poisson(rate_per_s, duration_s, random.Random(seed))


def deal(due_ns: Iterable[int], senders: int, rooms: int) -> Iterator[Slot]:
    """Assign the sends round robin to the senders, and the senders round robin to the rooms.

    Sender `s` is in room `s % rooms`. Consecutive messages go to different rooms. Raises ValueError
    if there is no room, or a room without a sender.
    """
    if not 1 <= rooms <= senders:
        raise ValueError(
            f"rooms must be from 1 to the number of senders ({senders}), not {rooms}: "
            "a room without a sender would stay silent"
        )
    turns = zip(due_ns, itertools.cycle(range(senders)), strict=False)
    return (Slot(due, sender, sender % rooms) for due, sender in turns)


def check(arrivals: Arrivals, rate_per_s: float, duration_s: float) -> None:
    """Raise ValueError, with the allowed values, for arguments that `intended` does not take."""
    if arrivals not in ("constant", "poisson"):
        raise ValueError(f"arrivals must be 'constant' or 'poisson', not {arrivals!r}")
    if not 0 < rate_per_s <= HIGHEST_RATE_PER_S:  # this refuses NaN, too
        raise ValueError(
            f"rate_per_s must be more than 0 and at most {HIGHEST_RATE_PER_S:,}, not {rate_per_s}"
        )
    if not 0 < duration_s <= LONGEST_S:
        raise ValueError(
            f"duration_s must be more than 0 and at most {LONGEST_S:,}, not {duration_s}"
        )


def _constant(rate_per_s: Fraction, duration_s: Fraction) -> Iterator[int]:
    # Each time is computed from its number, not from the time before, so rounding errors don't add
    # up.
    gap_ns = SECOND_NS / rate_per_s
    count = math.ceil(rate_per_s * duration_s)
    return (n * gap_ns.numerator // gap_ns.denominator for n in range(count))


def _poisson(rate_per_s: float, duration_s: float, rng: random.Random) -> Iterator[int]:
    # The gaps of a Poisson process are independent and exponential, also the first one.
    due_s = rng.expovariate(rate_per_s)
    while due_s < duration_s:
        yield int(due_s * SECOND_NS)
        due_s += rng.expovariate(rate_per_s)


def _exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth, not the nearest binary fraction."""
    return Fraction(str(number))
