"""A number with the bounds of its 95 % interval, and arithmetic that carries the bounds through."""

from __future__ import annotations

__pure__ = True

import msgspec


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """`low` and `high` bound the 95 % interval; None where there is none, or where it is exact."""

    median: float
    low: float | None = None
    high: float | None = None

    def times(self, factor: float) -> Span:
        """Every bound times a factor above 0."""
        return Span(self.median * factor, *(_times(one, factor) for one in (self.low, self.high)))

    def plus(self, other: Span) -> Span:
        """The sum. Its bounds are the sums of the bounds, which is never too narrow."""
        bounded = self.low is not None or other.low is not None
        return Span(
            self.median + other.median,
            self.lowest + other.lowest if bounded else None,
            self.highest + other.highest if bounded else None,
        )

    def into(self, whole: float) -> Span:
        """`whole` divided by every bound, which must be above 0."""
        low, high = self.low, self.high
        low, high = (one and whole / one for one in (self.high, self.low))
        return Span(whole / self.median, low, high)

    @property
    def lowest(self) -> float:
        """The lower bound, or the number itself without one."""
        return self.median if self.low is None else self.low

    @property
    def highest(self) -> float:
        """The upper bound, or the number itself without one."""
        return self.median if self.high is None else self.high


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
