"""When the load ought to send: intended times made of integers, before any clock runs. Pure.

Times are ns after the start of the run. They are made one at a time, so that a rate that nobody can
offer costs no memory before it is found out.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

Arrivals = Literal["constant", "poisson"]
"""`constant`: equal gaps, as a metronome. `poisson`: independent gaps, as many people who know
nothing of each other."""

SECOND_NS = 1_000_000_000
HIGHEST_RATE_PER_S = SECOND_NS
"""Beyond it, messages would share a nanosecond."""
LONGEST_S = 3600


class Slot(NamedTuple):
    """One message to be sent: when, by which sender, in which room."""

    due_ns: int
    sender: int
    room: int


def intended(
    arrivals: Arrivals, rate_per_s: float, duration_s: float, seed: int = 0
) -> Iterator[int]:
    """Every intended send, in ns after the start, ascending and before `duration_s`.

    Raises ValueError, naming what is allowed, for another kind of arrivals, or a rate or duration
    that no load can have.
    """
    check(arrivals, rate_per_s, duration_s)
    if arrivals == "constant":
        return _constant(_exact(rate_per_s), _exact(duration_s))
    return _poisson(rate_per_s, duration_s, random.Random(seed))


def deal(due_ns: Iterable[int], senders: int, rooms: int) -> Iterator[Slot]:
    """Deal the sends round robin to the senders, and the senders round robin to the rooms.

    Sender `s` is in room `s % rooms`; consecutive messages go to different rooms. Raises ValueError
    where there is no room, or a room in which nobody would speak.
    """
    if not 1 <= rooms <= senders:
        raise ValueError(
            f"rooms must be from 1 to the number of senders ({senders}), not {rooms}: "
            "a room without a sender would stay silent"
        )
    turns = zip(due_ns, itertools.cycle(range(senders)), strict=False)
    return (Slot(due, sender, sender % rooms) for due, sender in turns)


def check(arrivals: Arrivals, rate_per_s: float, duration_s: float) -> None:
    """Raise ValueError, naming what is allowed, for what `intended` does not take."""
    if arrivals not in ("constant", "poisson"):
        raise ValueError(f"arrivals must be 'constant' or 'poisson', not {arrivals!r}")
    if not 0 < rate_per_s <= HIGHEST_RATE_PER_S:  # NaN is refused by this, too
        raise ValueError(
            f"rate_per_s must be more than 0 and at most {HIGHEST_RATE_PER_S:,}, not {rate_per_s}"
        )
    if not 0 < duration_s <= LONGEST_S:
        raise ValueError(
            f"duration_s must be more than 0 and at most {LONGEST_S:,}, not {duration_s}"
        )


def _constant(rate_per_s: Fraction, duration_s: Fraction) -> Iterator[int]:
    # Each time is computed from its number and not from the one before: rounding can't add up.
    gap_ns = SECOND_NS / rate_per_s
    count = math.ceil(rate_per_s * duration_s)
    return (n * gap_ns.numerator // gap_ns.denominator for n in range(count))


def _poisson(rate_per_s: float, duration_s: float, rng: random.Random) -> Iterator[int]:
    # A Poisson process is one whose gaps are independent and exponential, the first one too.
    due_s = rng.expovariate(rate_per_s)
    while due_s < duration_s:
        yield int(due_s * SECOND_NS)
        due_s += rng.expovariate(rate_per_s)


def _exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth, and not the nearest sum of powers of two."""
    return Fraction(str(number))
