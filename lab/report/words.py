"""How a number is put into words, the same in tables, pictures and the page."""

from __future__ import annotations

from lab.measure.stats import Comparison, Interval

NO_BREAK = "\u00a0"
"""Between thousands, so that no line ends within a number."""


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


def spanned(interval: Interval) -> str:
    """A median with its interval; with too few passes the extremes, marked as such."""
    if interval.low is None or interval.high is None:
        if interval.passes == 1:
            return number(interval.median)
        return f"{number(interval.median)} ({number(interval.lowest)} … {number(interval.highest)})"
    return f"{number(interval.median)} [{number(interval.low)}, {number(interval.high)}]"


def ratio(comparison: Comparison) -> str:
    """A ratio with its interval, such as 1.53× [1.48, 1.60]."""
    centre = f"{times(comparison.ratio)}×"
    if comparison.low is None or comparison.high is None:
        return centre
    return f"{centre} [{times(comparison.low)}, {times(comparison.high)}]"


def times(value: float) -> str:
    """A ratio's own number: two decimals below 10, three digits above."""
    return f"{value:.2f}" if 0.1 <= value < 10 else number(value)


def verdict(comparison: Comparison, smallest: float | None) -> str:
    """The verdict; where it is "no", with the smallest difference that would have shown."""
    if comparison.verdict != "no detectable difference" or smallest is None:
        return comparison.verdict
    return f"{comparison.verdict} (±{smallest - 1:.1%})"
