"""Bars per wire in panels side by side: what `plots` draws costs and rates with."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from lab.report import style, words
from lab.report.style import FAINT, INK, Look
from lab.report.summary import FLOOR, Cell, FigureSummary, Summary

_HATCH = "////"


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars per wire: `bars` are (figure's key, its name here), the second one hatched.

    `finding` is the sentence under the title, about the last of them.
    """

    title: str
    unit: str
    bars: tuple[tuple[str, str], ...]
    finding: str


def draw(
    panels: Sequence[Panel], summary: Summary, wires: Sequence[str], title: str, note: str
) -> Canvas:
    """Panels side by side, one row per wire."""
    findings = [_finding(panel, summary, 102 // len(panels)) for panel in panels]
    lines = max(finding.count("\n") + 1 for finding in findings)
    most = max(len(panel.bars) for panel in panels)
    with style.applied():
        canvas = style.canvas(1.6 + 0.2 * lines + (0.14 + 0.2 * most) * max(len(wires), 2))
        axes = canvas.subplots(1, len(panels), sharey=True)
        for ax, panel, finding in zip(axes, panels, findings, strict=True):
            _panel(ax, panel, summary, wires)
            _entitle(ax, panel, finding, lines)
        names = [f"{wire}\n(no socket)" if wire == FLOOR else wire for wire in wires]
        axes[0].set_yticks(range(len(wires)), names)
        axes[0].set_ylim(max(len(wires), 1) - 0.45, -0.55)
        style.frame(canvas, title, note)
    return canvas


def _panel(ax: Axes, panel: Panel, summary: Summary, wires: Sequence[str]) -> None:
    looks = style.looks(wires, FLOOR)
    figures = [summary.figure(key) for key, _ in panel.bars]
    height = 0.76 / len(panel.bars)
    for place, figure in enumerate(figures):
        offset = (place - (len(figures) - 1) / 2) * height
        for row, wire in enumerate(wires):
            cell = figure.cells[wire] if figure else None
            hatched = place > 0 or (cell is not None and cell.mark == "load-bound")
            _bar(ax, row + offset, height * 0.9, cell, looks[wire], hatched, _limit(figure, cell))
    cells = [figure.cells[wire] for figure in figures if figure for wire in wires]
    noted = any(_limit(figure, cell) for figure in figures for cell in cells)
    _bar_axes(ax, panel.unit, cells, noted)


def _entitle(ax: Axes, panel: Panel, finding: str, lines: int) -> None:
    """Over a panel: its title, then what to see in it, then the key to its bars."""
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
    """Beside deliveries/s: the side that had no CPU left. The cost of a delivery has no limit."""
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
    """A bar with its interval and its value; a figure that is void or missing says so instead."""
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
    text = f"{words.number(interval.median)}{note}"
    ax.annotate(text, (max(high, interval.median), y), (4, 0), **style.BESIDE)


def _bar_axes(ax: Axes, unit: str, cells: Sequence[Cell], noted: bool) -> None:
    """From zero, with room for the values beside the longest bar, and no ticks on the wires."""
    tops = [cell.interval.highest for cell in cells if cell.interval]
    ax.set_xlim(0, max(tops, default=1) * (1.6 if noted else 1.3))
    ax.set_xlabel(unit)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _finding(panel: Panel, summary: Summary, width: int) -> str:
    """What to see in a panel: the largest difference that the run could establish."""
    figure = summary.figure(panel.bars[-1][0])
    compared = figure.comparisons() if figure else {}
    ratios = figure.established() if figure else {}
    if not compared:
        said = "Nothing to compare with"
    elif ratios:
        wire = max(ratios, key=lambda name: abs(math.log(ratios[name])))
        by = words.times(ratios[wire])
        said = panel.finding.format(wire=wire, ratio=by, baseline=summary.baseline)
    elif any(each.verdict == "too few passes" for each in compared.values()):
        said = "Too few passes to compare"
    else:
        said = f"No detectable difference from {summary.baseline}"
    return "\n".join(textwrap.wrap(said, width))
