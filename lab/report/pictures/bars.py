"""Draws bars per transport in panels side by side."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from lab.report.model import formatting
from lab.report.model.cells import Cell, FigureSummary
from lab.report.model.summary import NO_SOCKET, Summary
from lab.report.pictures import style
from lab.report.pictures.style import FAINT, INK, Look

_HATCH = "////"


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars per transport. `bars` are (key of a figure, its label); the second is hatched.

    `finding` is the sentence below the title, about the last of these figures.
    """

    title: str
    unit: str
    bars: tuple[tuple[str, str], ...]
    finding: str


def draw(
    panels: Sequence[Panel], summary: Summary, transports: Sequence[str], title: str, note: str
) -> Canvas:
    """Panels side by side, one row per transport."""
    findings = [_finding(panel, summary, 102 // len(panels)) for panel in panels]
    lines = max(finding.count("\n") + 1 for finding in findings)
    most = max(len(panel.bars) for panel in panels)
    with style.applied():
        canvas = style.canvas(1.6 + 0.2 * lines + (0.14 + 0.2 * most) * max(len(transports), 2))
        axes = canvas.subplots(1, len(panels), sharey=True)
        for ax, panel, finding in zip(axes, panels, findings, strict=True):
            _panel(ax, panel, summary, transports)
            _entitle(ax, panel, finding, lines)
        names = [
            f"{transport}\n(no socket)" if transport == NO_SOCKET else transport
            for transport in transports
        ]
        axes[0].set_yticks(range(len(transports)), names)
        axes[0].set_ylim(max(len(transports), 1) - 0.45, -0.55)
        style.frame(canvas, title, note)
    return canvas


def _panel(ax: Axes, panel: Panel, summary: Summary, transports: Sequence[str]) -> None:
    looks = style.looks(transports, NO_SOCKET)
    figures = [summary.figure(key) for key, _ in panel.bars]
    height = 0.76 / len(panel.bars)
    for place, figure in enumerate(figures):
        offset = (place - (len(figures) - 1) / 2) * height
        for row, transport in enumerate(transports):
            cell = figure.cells[transport] if figure else None
            hatched = place > 0 or (cell is not None and cell.mark == "load-bound")
            _bar(
                ax,
                row + offset,
                height * 0.9,
                cell,
                looks[transport],
                hatched,
                _limit(figure, cell),
            )
    cells = [figure.cells[transport] for figure in figures if figure for transport in transports]
    noted = any(_limit(figure, cell) for figure in figures for cell in cells)
    _bar_axes(ax, panel.unit, cells, noted)


def _entitle(ax: Axes, panel: Panel, finding: str, lines: int) -> None:
    """Write above a panel: its title, then its finding, then the legend of its bars."""
    keyed = 20 if len(panel.bars) > 1 else 4
    ax.set_title(panel.title, pad=keyed + 12.5 * lines + 4)
    ax.annotate(
        finding,
        (0, 1),
        (0, keyed + 12.5 * lines),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        fontsize=9.5,
        annotation_clip=False,
    )
    if len(panel.bars) > 1:
        ax.legend(
            [Patch(fc=FAINT, ec=FAINT), Patch(fc="none", ec=FAINT, hatch=_HATCH)],
            [name for _, name in panel.bars],
            loc="lower left",
            bbox_to_anchor=(-0.03, 1.0),
            ncols=2,
            frameon=False,
            fontsize=9.5,
            borderaxespad=0,
            handlelength=1.3,
            columnspacing=1.2,
        )


def _limit(figure: FigureSummary | None, cell: Cell | None) -> str:
    """The side that had no CPU left, for deliveries/s. A cost per delivery has no such limit."""
    if figure is None or cell is None or figure.lower_is_better or not cell.saturated:
        return ""
    return f"  limit: {cell.saturated}"


def _bar(
    ax: Axes,
    y: float,
    height: float,
    cell: Cell | None,
    look: Look,
    hatched: bool,
    note: str,
) -> None:
    """Draw a bar with interval and value, or a text if the figure is void or missing."""
    if cell is None or cell.interval is None:
        text = "void" if cell and cell.mark and cell.mark.startswith("void") else "–"
        ax.annotate(text, (0, y), (4, 0), **style.BESIDE, color=FAINT)
        return
    interval = cell.interval
    fill = {"fc": "none", "hatch": _HATCH} if hatched else {"fc": look.colour}
    ax.barh(y, interval.median, height, ec=look.colour, lw=1.2, **fill)  # type: ignore[arg-type]
    low = interval.lowest if interval.low is None else interval.low
    high = interval.highest if interval.high is None else interval.high
    ax.plot([low, high], [y, y], color=INK, lw=1.1, solid_capstyle="butt")
    text = f"{formatting.number(interval.median)}{note}"
    ax.annotate(text, (max(high, interval.median), y), (4, 0), **style.BESIDE)


def _bar_axes(ax: Axes, unit: str, cells: Sequence[Cell], noted: bool) -> None:
    """Begin at zero, and leave space for the value beside the longest bar."""
    tops = [cell.interval.highest for cell in cells if cell.interval]
    ax.set_xlim(0, max(tops, default=1) * (1.6 if noted else 1.3))
    ax.set_xlabel(unit)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _finding(panel: Panel, summary: Summary, width: int) -> str:
    """The finding of a panel: the largest difference that the run could establish."""
    figure = summary.figure(panel.bars[-1][0])
    compared = figure.comparisons() if figure else {}
    ratios = figure.established() if figure else {}
    if not compared:
        said = "Nothing to compare with"
    elif ratios:
        transport = max(ratios, key=lambda name: abs(math.log(ratios[name])))
        by = formatting.times(ratios[transport])
        said = panel.finding.format(transport=transport, ratio=by, baseline=summary.baseline)
    elif any(each.verdict == "too few passes" for each in compared.values()):
        said = "Too few passes to compare"
    else:
        said = f"No detectable difference from {summary.baseline}"
    return "\n".join(textwrap.wrap(said, width))
