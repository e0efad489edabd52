"""Says on which side of a threshold a measured ratio lies, if its interval shows it."""

from __future__ import annotations

__pure__ = True

import math
from enum import Enum

import msgspec

from lab.measure.stats import Comparison

MOST_PASSES = 1000
"""Nobody measures longer than this for one verdict."""


class Side(Enum):
    """The side of a threshold."""

    BELOW = "below"
    ABOVE = "above"
    UNDECIDED = "undecided"
    """The interval covers the threshold, or there is none."""


class Placed(msgspec.Struct, frozen=True):
    """The side of a ratio. `passes`: where it is undecided, how many passes may decide it.

    More than `MOST_PASSES`: more than anybody measures.
    """

    side: Side
    passes: int = 0


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
