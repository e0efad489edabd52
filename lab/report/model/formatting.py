"""Formats numbers, in the same way for tables, pictures and the page."""

from __future__ import annotations

from typing import Protocol

from lab.answer.span import Span
from lab.measure.stats import Comparison, Interval

NO_BREAK = "\u00a0"
"""Between thousands: a no-break space, so that no line ends inside a number."""


def number(value: float) -> str:
    """Three significant digits, in full: 0.0123, 4.56, 789, 12 300."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        digits = max(len(f"{abs(value):.0f}") - 3, 0)
        return f"{round(value, -digits):,.0f}".replace(",", NO_BREAK)
    if abs(value) < 0.001:
        return f"{value:.5f}"
    return f"{value:#.3g}".rstrip(".")


def exact(value: float) -> str:
    """A count below 1,000 in full, any other number as `number` has it."""
    return f"{int(value)}" if value.is_integer() and abs(value) < 1000 else number(value)


def spanned(interval: Interval) -> str:
    """A median with its interval, or with its extremes if there are too few passes."""
    if interval.low is None or interval.high is None:
        if interval.passes == 1:
            return number(interval.median)
        return f"{number(interval.median)} ({number(interval.lowest)} … {number(interval.highest)})"
    return f"{number(interval.median)} [{number(interval.low)}, {number(interval.high)}]"


def span(value: Span) -> str:
    """A number with the bounds of its interval, if it has one."""
    if value.low is None or value.high is None:
        return number(value.median)
    return f"{number(value.median)} [{number(value.low)}, {number(value.high)}]"


class Compared(Protocol):
    """A ratio with its interval, wherever it comes from: a run, or the packaged reference."""

    @property
    def ratio(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def ratio(comparison: Compared) -> str:
    """A ratio with its interval, such as 1.53× [1.48, 1.60]."""
    centre = f"{times(comparison.ratio)}×"
    if comparison.low is None or comparison.high is None:
        return centre
    return f"{centre} [{times(comparison.low)}, {times(comparison.high)}]"


def times(value: float) -> str:
    """The number of a ratio: two decimals below 10, three digits above."""
    return f"{value:.2f}" if 0.1 <= value < 10 else number(value)


def verdict(comparison: Comparison, smallest: float | None) -> str:
    """The verdict; if it is "no", with the smallest difference that could have been found."""
    if comparison.verdict != "no detectable difference" or smallest is None:
        return comparison.verdict
    return f"{comparison.verdict} (±{smallest - 1:.1%})"
