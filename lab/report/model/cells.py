"""The cells of a summary: one figure of one transport, and one figure of all transports."""

from __future__ import annotations

import msgspec

from lab.measure.stats import Comparison, Interval


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one transport. `interval` is None if the figure is void or missing.

    `mark` says why it takes no part in ratios: "void (lost N)", "void", "load-bound", "not
    measured", "no socket", a figure's own caveat; None: it takes part. `saturated` is the side that
    was at its limit in most passes, with their number if the passes disagree. `against_itself`
    compares a replica with its original; `to_limit` compares a transport with the limit transport.
    """

    transport: str
    values: dict[int, float]
    interval: Interval | None = None
    mark: str | None = None
    saturated: str | None = None
    comparison: Comparison | None = None
    smallest_detectable: float | None = None
    against_itself: Comparison | None = None
    to_limit: Comparison | None = msgspec.field(default=None, name="to_floor")


class FigureSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: a cell per transport, in the run's order.

    `limit`: the limit transport, if the run has it. JSON calls it `floor`.
    """

    key: str
    title: str
    unit: str
    experiment: str
    lower_is_better: bool
    cells: dict[str, Cell]
    counted: bool = False
    ratio: bool = True
    column: str = ""
    limit: str | None = msgspec.field(default=None, name="floor")

    def comparisons(self) -> dict[str, Comparison]:
        """Transport -> how it compares with the baseline, where it does."""
        return {
            transport: one.comparison for transport, one in self.cells.items() if one.comparison
        }

    def established(self) -> dict[str, float]:
        """Transport -> ratio to the baseline, where the verdict is that they differ."""
        found = self.comparisons().items()
        return {
            transport: one.ratio for transport, one in found if one.verdict in ("faster", "slower")
        }
