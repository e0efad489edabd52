"""The pictures of a run: what its numbers look like, as matplotlib figures.

Each title says what to see, and is worked out from the verdicts: a picture never claims a
difference that the statistics don't.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lab.measure.figures import BY_KEY
from lab.record import Run
from lab.report import style, words
from lab.report import summary as summary_
from lab.report.style import FAINT, INK, Look
from lab.report.summary import FLOOR, Cell, FigureSummary, Summary

DPI = 150
WIDTH = 10.0
"""Inches: at 850 pixels on a page the smallest type is still 11 pixels high."""

_HATCH = "////"


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of paired bars: two figures per wire, the second one hatched."""

    subject: str
    unit: str
    keys: tuple[str, str]
    names: tuple[str, str]
    verb: str


_ANSWER = (
    Panel("Handshake", "ms", ("connect_p50_ms", "join_p50_ms"), ("connect", "join"), "joining"),
    Panel("Latency", "µs", ("rtt_p50_us", "rtt_p99_us"), ("p50", "p99"), "a slow round trip"),
    Panel(
        "Server CPU",
        "µs per delivery",
        ("server_cpu_us_per_delivery_10", "server_cpu_us_per_delivery_100"),
        ("room of 10", "room of 100"),
        "a delivery to 100",
    ),
)
_THROUGHPUT = tuple(
    Panel(
        f"Room of {room}",
        "deliveries per second",
        (f"deliveries_per_s_{room}", f"deliveries_per_s_{room}"),
        ("", ""),
        "deliveries",
    )
    for room in (10, 100)
)


def answer(run: Run) -> Canvas:
    """The picture that answers the question: handshake, latency and server CPU per wire."""
    summary = summary_.of(run)
    wires = _shown(summary)
    with style.applied():
        canvas = _canvas(1.55 + 0.56 * len(wires))
        axes = canvas.subplots(1, len(_ANSWER), sharey=True)
        for ax, panel in zip(axes, _ANSWER, strict=True):
            _paired_bars(ax, panel, summary, wires)
        _name_wires(axes[0], wires)
        canvas.suptitle("What the same chat room costs on each wire", x=0.01, ha="left")
        canvas.supxlabel(_caption(run, summary), x=0.01, ha="left", fontsize=9, color=FAINT)
    return canvas


def throughput(run: Run) -> Canvas:
    """Deliveries per second in rooms of 10 and 100, each with the side that was saturated."""
    summary = summary_.of(run)
    wires = _shown(summary)
    with style.applied():
        canvas = _canvas(1.5 + 0.42 * len(wires))
        axes = canvas.subplots(1, len(_THROUGHPUT), sharey=True)
        for ax, panel in zip(axes, _THROUGHPUT, strict=True):
            _single_bars(ax, panel, summary, wires)
        _name_wires(axes[0], wires)
        canvas.suptitle("How many deliveries a second one room gets", x=0.01, ha="left")
        note = "faint and hatched: the client ran out of CPU first, so the figure is not the wire's"
        canvas.supxlabel(note, x=0.01, ha="left", fontsize=9, color=FAINT)
    return canvas


def percentiles(run: Run) -> Canvas:
    """The whole RTT distribution per wire, on HDR's axis that gives the tail its room."""
    figure = BY_KEY["rtt_p50_us"]
    looks = style.looks(run.wires, FLOOR)
    with style.applied():
        canvas = _canvas(4.6)
        ax = canvas.subplots()
        ends: list[tuple[float, str]] = []
        most = 10.0
        for wire in run.wires:
            percentile, ns = run.percentile_curve(wire, figure)
            if not len(ns):
                continue
            # The last step is 100 %, at infinity on this axis: it is drawn where one sample in all
            # stands, 1 / (1 - q) = count.
            count = run.merged(wire, figure).count
            nines = 1 / np.maximum(1 - percentile / 100, 1 / count)
            _curve(ax, nines, ns / 1e3, looks[wire])
            ends.append((float(ns[-1]) / 1e3, wire))
            most = max(most, count)
        _percentile_axes(ax, most)
        _label_ends(ax, ends, looks)
        canvas.suptitle(_tail_title(summary_.of(run)), x=0.01, ha="left")
        note = "one message in flight; all valid passes merged; each axis step is ten times rarer"
        canvas.supxlabel(note, x=0.01, ha="left", fontsize=9, color=FAINT)
    return canvas


PICTURES: dict[str, Callable[[Run], Canvas]] = {
    "answer": answer,
    "percentiles": percentiles,
    "throughput": throughput,
}
"""File name in `pictures/` -> what draws it."""


def png(canvas: Canvas) -> bytes:
    """The picture as PNG, for pages about 850 pixels wide."""
    return _saved(canvas, "png", dpi=DPI, metadata={"Software": None})


def svg(canvas: Canvas) -> bytes:
    """The picture as SVG; the same run gives the same bytes."""
    with style.applied():
        return _saved(canvas, "svg", metadata={"Date": None, "Creator": None})


def _saved(canvas: Canvas, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def _canvas(height: float) -> Canvas:
    """A figure without pyplot, whose global state would keep every picture alive."""
    canvas = Canvas(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(canvas)
    return canvas


def _shown(summary: Summary) -> list[str]:
    return list(summary.figures[0].cells) if summary.figures else []


def _name_wires(ax: Axes, wires: Sequence[str]) -> None:
    names = [f"{wire}\n(no socket)" if wire == FLOOR else wire for wire in wires]
    ax.set_yticks(range(len(wires)), names)
    ax.set_ylim(len(wires) - 0.45, -0.55)


def _paired_bars(ax: Axes, panel: Panel, summary: Summary, wires: Sequence[str]) -> None:
    looks = style.looks(wires, FLOOR)
    figures = [summary.figure(key) for key in panel.keys]
    for offset, hatched, figure in ((-0.19, False, figures[0]), (0.19, True, figures[1])):
        for row, wire in enumerate(wires):
            cell = figure.cells[wire] if figure else None
            _bar(ax, row + offset, 0.34, cell, looks[wire], hatched=hatched)
    _bar_axes(ax, panel.unit, figures)
    ax.set_title(_wrapped(_headline(panel, figures[1], summary), 29))
    keys = [Patch(fc=FAINT, ec=FAINT), Patch(fc="none", ec=FAINT, hatch=_HATCH)]
    _legend_under_title(ax, keys, panel.names)


def _single_bars(ax: Axes, panel: Panel, summary: Summary, wires: Sequence[str]) -> None:
    looks = style.looks(wires, FLOOR)
    figure = summary.figure(panel.keys[0])
    for row, wire in enumerate(wires):
        cell = figure.cells[wire] if figure else None
        bound = cell is not None and cell.mark == "load-bound"
        side = {"load": "client", None: ""}.get(cell.saturated if cell else None)
        limit = (cell.saturated if side is None else side) if cell else ""
        note = f"  limit: {limit}" if limit and wire != FLOOR else ""
        _bar(ax, row, 0.62, cell, looks[wire], hatched=bound, note=note)
    _bar_axes(ax, panel.unit, [figure])
    ax.set_title(_wrapped(_headline(panel, figure, summary), 44))


def _bar(
    ax: Axes,
    y: float,
    height: float,
    cell: Cell | None,
    look: Look,
    *,
    hatched: bool,
    note: str = "",
) -> None:
    """A bar with its interval and its value; a figure that is void or missing says so instead."""
    if cell is None or cell.interval is None:
        text = "void" if cell and cell.mark and cell.mark.startswith("void") else "–"
        ax.annotate(text, (0, y), (4, 0), **_BESIDE, color=FAINT)
        return
    interval = cell.interval
    fill = {"fc": "none", "hatch": _HATCH} if hatched else {"fc": look.colour}
    ax.barh(y, interval.median, height, ec=look.colour, lw=1.2, **fill)  # type: ignore[arg-type]
    low = interval.lowest if interval.low is None else interval.low
    high = interval.highest if interval.high is None else interval.high
    ax.plot([low, high], [y, y], color=INK, lw=1.1, solid_capstyle="butt")
    text = f"{words.number(interval.median)}{note}"
    ax.annotate(text, (max(high, interval.median), y), (4, 0), **_BESIDE)


_BESIDE: dict[str, Any] = {
    "textcoords": "offset points",
    "va": "center_baseline",
    "fontsize": 9.5,
}


def _bar_axes(ax: Axes, unit: str, figures: Sequence[FigureSummary | None]) -> None:
    """From zero, with room for the values beside the longest bar, and no ticks on the wires."""
    cells = [cell for figure in figures if figure for cell in figure.cells.values()]
    tops = [cell.interval.highest for cell in cells if cell.interval]
    ax.set_xlim(0, max(tops, default=1) * 1.3)
    ax.set_xlabel(unit)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _legend_under_title(ax: Axes, keys: Sequence[Patch], names: Sequence[str]) -> None:
    ax.legend(
        keys,
        names,
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=2,
        frameon=False,
        fontsize=9.5,
        borderaxespad=0,
        handlelength=1.3,
        columnspacing=1.2,
    )
    ax.set_title(ax.get_title(loc="left"), pad=22)


def _headline(panel: Panel, figure: FigureSummary | None, summary: Summary) -> str:
    """What to see in a panel: the most extreme difference that the run could establish."""
    if figure is None or summary.baseline is None:
        return panel.subject
    compared = [cell for cell in figure.cells.values() if cell.comparison]
    found = [c for c in compared if c.comparison and c.comparison.verdict in ("slower", "faster")]
    if not found:
        settled = all(c.comparison and c.comparison.verdict != "too few passes" for c in compared)
        said = "no detectable difference" if settled and compared else "too few passes to say"
        return f"{panel.subject}: {said}"
    worst = max(
        found, key=lambda cell: abs(np.log(cell.comparison.ratio if cell.comparison else 1))
    )
    assert worst.comparison is not None
    by = words.times(worst.comparison.ratio)
    return f"{panel.subject}: {panel.verb} {_takes(figure)} {worst.wire} {by}× {summary.baseline}"


def _takes(figure: FigureSummary) -> str:
    return "costs" if figure.lower_is_better else "on"


def _tail_title(summary: Summary) -> str:
    figure = summary.figure("rtt_p99_us")
    cells = [cell for cell in figure.cells.values() if cell.comparison] if figure else []
    slower = [c for c in cells if c.comparison and c.comparison.verdict == "slower"]
    if not slower:
        return "How long a round trip takes, and how rarely longer"
    worst = max(slower, key=lambda cell: cell.comparison.ratio if cell.comparison else 0)
    assert worst.comparison is not None
    by = words.times(worst.comparison.ratio)
    return f"One message in a hundred waits {by}× as long on {worst.wire} as on {summary.baseline}"


def _caption(run: Run, summary: Summary) -> str:
    bars = "bars: medians" if summary.passes < 5 else "bars: medians, lines: their 95 % intervals"
    return (
        f"{bars} over {summary.passes} passes · {run.info.settings} settings · loopback network · "
        "shorter is better"
    )


def _curve(ax: Axes, nines: style.Floats, us: style.Floats, look: Look) -> None:
    ax.plot(nines, us, look.line, color=look.colour, lw=1.8, drawstyle="steps-post")
    marks = [place for place in (2, 10, 100, 1000) if place <= nines[-1]]
    at = [min(int(np.searchsorted(nines, place)), len(us) - 1) for place in marks]
    ax.plot(marks, us[at], look.marker, color=look.colour, ms=6.5, mec=style.PAPER, mew=0.7)


def _percentile_axes(ax: Axes, most: float) -> None:
    ticks = [(1, "0 %"), (2, "50 %"), (10, "90 %"), (100, "99 %"), (1e3, "99.9 %")]
    ticks += [(1e4, "99.99 %"), (1e5, "99.999 %"), (1e6, "99.9999 %")]
    shown = [tick for tick in ticks if tick[0] <= most]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(1, most * 1.02)
    ax.xaxis.set_major_locator(FixedLocator([place for place, _ in shown]))
    ax.set_xticklabels([name for _, name in shown])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    ax.set_xlabel("share of round trips that took at most so long")
    ax.set_ylabel("RTT in µs")
    ax.grid()


def _label_ends(ax: Axes, ends: Sequence[tuple[float, str]], looks: dict[str, Look]) -> None:
    """Each curve's name at its right end, pushed apart where curves end close together."""
    low, high = np.log10(ax.get_ylim())
    gap = (high - low) * 0.065
    at = -np.inf
    for us, wire in sorted(ends):
        at = max(np.log10(us), at + gap)
        ax.annotate(
            wire,
            (1.0, float((at - low) / (high - low))),
            (10, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            annotation_clip=False,
        )
        ax.plot(
            1.006,
            (at - low) / (high - low),
            looks[wire].marker,
            color=looks[wire].colour,
            ms=6,
            transform=ax.transAxes,
            clip_on=False,
        )


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width))
