"""On which side of a threshold a ratio lies, and how many passes may decide it."""

from __future__ import annotations

import pytest

from lab.measure.stats import Comparison
from lab.measure.threshold import MOST_PASSES, Placed, Side, place

LIMIT = 1.5


def compared(low: float | None, high: float | None, ratio: float, passes: int = 16) -> Comparison:
    return Comparison(ratio, low, high, passes, "no detectable difference")


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [
        (1.6, 1.8, Side.ABOVE),
        (LIMIT, 1.8, Side.ABOVE),
        (1.2, 1.4, Side.BELOW),
        (1.2, LIMIT, Side.UNDECIDED),
        (1.4, 1.6, Side.UNDECIDED),
        (None, None, Side.UNDECIDED),
    ],
)
def test_an_interval_that_covers_the_threshold_has_no_side(
    low: float | None, high: float | None, side: Side
) -> None:
    assert place(compared(low, high, 1.45), LIMIT).side is side


def test_the_passes_after_which_the_interval_would_end_at_the_threshold() -> None:
    for low, high, ratio in ((1.2, 1.6, 1.39), (1.4, 1.8, 1.62)):
        placed = place(compared(low, high, ratio), LIMIT)
        assert 16 < placed.passes < 4 * 16
    never = Placed(Side.UNDECIDED, MOST_PASSES + 1)
    assert place(compared(LIMIT / 2, LIMIT * 2, LIMIT), LIMIT) == never
    assert place(compared(None, None, 1.2), LIMIT) == never
