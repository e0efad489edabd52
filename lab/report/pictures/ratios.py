"""Draws a comparison: each ratio with its interval, and the tolerance."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import NullFormatter

from lab.measure.stats import Comparison
from lab.report.model.comparison import Compared, Row
from lab.report.pictures import style
from lab.report.pictures.style import FAINT, INK

_MOST = 60
"""Rows; a page shows the others in its table."""
_ROW = 0.26
"""Inches of a row."""
_MARKS = {"slower": ("s", "#D55E00"), "can't tell": ("o", "#E69F00"), "no slower": ("D", "#0072B2")}
_NOT_JUDGED = (".", "#7F7F7F")


def ratios(compared: Compared) -> Canvas | None:
    """How much slower the candidate is in each figure; None if nothing can be compared."""
    rows = [row for row in compared.rows if row.comparison][:_MOST]
    if not rows:
        return None
    with style.applied():
        canvas = style.canvas(1.5 + _ROW * max(len(rows), 3))
        ax = canvas.subplots()
        for place, row in enumerate(rows):
            _row(ax, place, row)
        _axes(ax, rows, 1 + compared.tolerance_percent / 100)
        style.frame(canvas, "How much slower the candidate is", _note(compared, rows))
    return canvas


def slowdown(row: Row) -> tuple[float, float, float]:
    """The factor by which the candidate is slower, with the ends of its interval."""
    found = row.comparison
    assert found is not None
    if row.figure.lower_is_better:
        return _ends(found)
    ratio, low, high = _ends(found)
    return 1 / ratio, 1 / high, 1 / low


def _ends(found: Comparison) -> tuple[float, float, float]:
    """The ratio and its interval; without an interval, the ratio in place of both ends."""
    low = found.ratio if found.low is None else found.low
    high = found.ratio if found.high is None else found.high
    return found.ratio, low, high


def _row(ax: Axes, place: int, row: Row) -> None:
    centre, low, high = slowdown(row)
    marker, colour = _MARKS[row.judged.outcome] if row.judged else _NOT_JUDGED
    ax.plot([low, high], [place, place], "-", color=colour, lw=1.6)
    ax.plot(centre, place, marker, color=colour, ms=6)


def _axes(ax: Axes, rows: Sequence[Row], tolerance: float) -> None:
    ax.set_xscale("log")
    ax.axvline(1, color=INK, lw=0.8)
    ax.axvline(tolerance, color=FAINT, lw=1, ls="--")
    ax.xaxis.set_major_formatter(style.PLAIN)
    ends = [end for row in rows for end in slowdown(row)]
    ax.set_xlim(min([*ends, 1 / tolerance, 0.95]), max([*ends, tolerance, 1.05]))
    if max(ends) / min(ends) > 4:
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.xaxis.set_minor_formatter(style.PLAIN)
    ax.set_yticks(range(len(rows)), [f"{row.figure.title} · {row.transport}" for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel("times as slow as the baseline")
    ax.grid(axis="x")


def _note(compared: Compared, rows: Sequence[Row]) -> str:
    note = (
        "lines: 95 % intervals · dashed: the tolerance of "
        f"{compared.tolerance_percent:g} % · square: slower, circle: can't tell, diamond: no slower"
    )
    left_out = sum(row.comparison is not None for row in compared.rows) - len(rows)
    return note + (f"\n{left_out} more figures are in the table" if left_out else "")
