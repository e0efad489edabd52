"""Says on which side of a threshold a measured ratio lies, if its interval shows it."""

from __future__ import annotations

import math
from collections.abc import Collection
from enum import Enum

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Verdict
from lab.measure.stats import Comparison

MOST_PASSES = 1000
"""Nobody measures longer than this for one verdict."""


ABOUT = Bilingual("about {passes:,} passes", "약 {passes:,}회가")
MANY = Bilingual("more than {passes:,} passes", "{passes:,}회보다 많이")
SHOWN = Bilingual("{ratio:.2f}× [{low:.2f}, {high:.2f}]", "{ratio:.2f}배 [{low:.2f}, {high:.2f}]")


def shown(compared: Comparison) -> Bilingual:
    """A ratio with its interval."""
    return SHOWN.fill(ratio=compared.ratio, low=compared.low, high=compared.high)


class Side(Enum):
    """The side of a threshold."""

    BELOW = "below"
    ABOVE = "above"
    UNDECIDED = "undecided"
    """The interval covers the threshold, or there is none."""


class Placed(msgspec.Struct, frozen=True):
    """The side of a ratio. `passes`: where it is undecided, how many passes may decide it."""

    side: Side
    passes: int = 0

    @property
    def needed(self) -> Bilingual:
        """The passes in words."""
        if self.passes > MOST_PASSES:
            return MANY.fill(passes=MOST_PASSES)
        return ABOUT.fill(passes=self.passes)


def place(compared: Comparison, threshold: float) -> Placed:
    """Place a ratio. A value at the threshold is above it.

    An interval gets narrower with the square root of the number of passes. `passes` is the number
    at which the interval around this ratio ends at the threshold.
    """
    low, high = compared.low, compared.high
    if low is None or high is None:
        return Placed(Side.UNDECIDED, MOST_PASSES + 1)
    if low >= threshold:
        return Placed(Side.ABOVE)
    if high < threshold:
        return Placed(Side.BELOW)
    edge = high if compared.ratio < threshold else low
    half_width = abs(math.log(edge / compared.ratio))
    distance = abs(math.log(threshold / compared.ratio))
    if half_width > distance * math.sqrt(MOST_PASSES / compared.passes):
        return Placed(Side.UNDECIDED, MOST_PASSES + 1)
    return Placed(Side.UNDECIDED, math.ceil(compared.passes * (half_width / distance) ** 2) + 1)


def verdict_of_sides(sides: Collection[Side], holds: Side) -> Verdict:
    """Return the verdict on a claim that holds for the ratios on one side of its threshold.

    An undecided ratio takes no part. If it could change the verdict, there is none.
    """
    if {Side.ABOVE, Side.BELOW} <= set(sides):
        return Verdict.DEPENDS
    if Side.UNDECIDED in sides or not sides:
        return Verdict.CANT_TELL
    return Verdict.HOLDS if holds in sides else Verdict.DOES_NOT_HOLD
