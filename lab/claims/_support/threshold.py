"""Says in words where a ratio lies beside a threshold, and makes a verdict of several."""

from __future__ import annotations

from collections.abc import Collection

from lab.bilingual import Bilingual
from lab.claims._support.claim import Verdict
from lab.measure.stats import Comparison
from lab.measure.threshold import MOST_PASSES, Placed, Side

ABOUT = Bilingual("about {passes:,} passes", "약 {passes:,}회가")
MANY = Bilingual("more than {passes:,} passes", "{passes:,}회보다 많이")
SHOWN = Bilingual("{ratio:.2f}× [{low:.2f}, {high:.2f}]", "{ratio:.2f}배 [{low:.2f}, {high:.2f}]")


def shown(compared: Comparison) -> Bilingual:
    """A ratio with its interval."""
    return SHOWN.fill(ratio=compared.ratio, low=compared.low, high=compared.high)


def needed(placed: Placed) -> Bilingual:
    """The passes that may decide where a ratio lies."""
    if placed.passes > MOST_PASSES:
        return MANY.fill(passes=MOST_PASSES)
    return ABOUT.fill(passes=placed.passes)


def verdict_of_sides(sides: Collection[Side], holds: Side) -> Verdict:
    """Return the verdict on a claim that holds for the ratios on one side of its threshold.

    An undecided ratio takes no part. If it could change the verdict, there is none.
    """
    if {Side.ABOVE, Side.BELOW} <= set(sides):
        return Verdict.DEPENDS
    if Side.UNDECIDED in sides or not sides:
        return Verdict.CANT_TELL
    return Verdict.HOLDS if holds in sides else Verdict.DOES_NOT_HOLD
