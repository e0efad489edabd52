"""Draws a notebook's own pictures in the style of the reports: curves, distributions, stacks."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator
from PIL import Image

from lab.measure.histogram import Histogram
from lab.report.model.summary import NO_SOCKET
from lab.report.pictures import curves, style
from lab.report.pictures.style import Look
from transports import registry

DPI = 100
WIDTH_PX = 850
COLOURS = 64
"""A picture has no more: it then takes less than half of the bytes, and looks the same."""

PARTS = {
    "payload": ("the application's data", "#0072B2", ""),
    "framing": ("framing", "#E69F00", "////"),
    "http": ("HTTP headers", "#B8C0C8", "...."),
    "tls": ("TLS", "#CC79A7", "xxxx"),
}
"""The ledger's label -> its name, colour and hatch in `stacks`."""

Points = tuple[Sequence[float], Sequence[float]]


def looks() -> dict[str, Look]:
    """Return each transport's look, the same in every notebook and in the reports."""
    return style.looks(list(registry.TRANSPORTS), NO_SOCKET)


@dataclass(frozen=True)
class Picture:
    """A drawing, which the notebook keeps as a PNG of few colours."""

    canvas: Canvas = field(repr=False)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, bytes], dict[str, Any]]:
        drawn, kept = io.BytesIO(), io.BytesIO()
        self.canvas.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
        few = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(kept, format="png", optimize=True)
        return {"image/png": kept.getvalue()}, {"image/png": {"width": WIDTH_PX}}


@dataclass(frozen=True)
class Chart:
    """Curves by transport. `labels`: the text at a curve's end instead of the transport's name.

    `through`: lines through series of samples, whose points are then not joined.
    `bound`: a level, and its name.
    """

    x: str
    y: str
    series: Mapping[str, Points]
    title: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    through: Mapping[str, Points] = field(default_factory=dict)
    bound: tuple[float, str] | None = None
    log: str = ""


def charts(every: Sequence[Chart], title: str, note: str, height: float = 4.4) -> Picture:
    """Draw charts side by side, with one scale of y."""
    with style.applied():
        canvas = style.canvas(height)
        axes = canvas.subplots(1, len(every), sharey=True, squeeze=False)[0]
        for ax, chart in zip(axes, every, strict=True):
            _chart(ax, chart)
        for ax in axes[1:]:
            ax.set_ylabel("")
        for ax, chart in zip(axes, every, strict=True):
            _label_ends(ax, chart)
        style.frame(canvas, title, note)
    return Picture(canvas)


def percentiles(
    found: Mapping[str, Histogram], drawn: Mapping[str, Look], title: str, note: str
) -> Picture:
    """Whole distributions of latency on HDR's axis, which gives the tail its room."""
    with style.applied():
        canvas = style.canvas(4.4)
        placed = {}
        for name, histogram in found.items():
            percentile, ns = histogram.percentile_curve()
            placed[name] = (curves.nines(percentile, histogram.count), ns / 1e3)
        curves.draw(canvas.subplots(), placed, drawn)
        style.frame(canvas, title, note)
    return Picture(canvas)


def stacks(
    panels: Mapping[str, Mapping[str, Mapping[str, float]]], title: str, note: str
) -> Picture:
    """Draw bytes by part as bars: panel -> row -> the ledger's label -> bytes."""
    rows = list(next(iter(panels.values())))
    with style.applied():
        canvas = style.canvas(2.1 + 0.34 * len(rows))
        axes = canvas.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for ax, (name, bars) in zip(axes, panels.items(), strict=True):
            _stack(ax, [bars[row] for row in rows])
            ax.set_title(name, pad=26)
        axes[0].set_yticks(range(len(rows)), rows)
        axes[0].set_ylim(len(rows) - 0.45, -0.55)
        key: dict[str, Any] = {
            "ncols": len(PARTS),
            "frameon": False,
            "fontsize": 9.5,
            "borderaxespad": 0,
        }
        legend = axes[0].legend(loc="lower left", bbox_to_anchor=(-0.01, 1.02), **key)
        legend.set_in_layout(False)  # it may reach over the next panel, whose title is above it
        style.frame(canvas, title, note)
    return Picture(canvas)


def _chart(ax: Axes, chart: Chart) -> None:
    _curves(ax, chart)
    if chart.bound:
        ax.axhline(chart.bound[0], color=style.INK, lw=1, ls=(0, (4, 3)), zorder=2)
        at: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        ax.annotate(chart.bound[1], (0, chart.bound[0]), (4, 4), **at, fontsize=9.5)
    _scales(ax, chart)
    ax.set(xlabel=chart.x, ylabel=chart.y, title=chart.title)
    ax.grid()


def _curves(ax: Axes, chart: Chart) -> None:
    for name, (xs, ys) in chart.series.items():
        look = looks()[name]
        joined = "" if name in chart.through else look.line
        marks: dict[str, Any] = {"ms": 6.5, "mec": style.PAPER, "mew": 0.7}
        ax.plot(xs, ys, look.marker, ls=joined, color=look.colour, lw=1.8, **marks)
        if name in chart.through:
            ax.plot(*chart.through[name], look.line, color=look.colour, lw=1.8, zorder=1)


def _scales(ax: Axes, chart: Chart) -> None:
    """Set logarithmic scales where requested, with ticks at the measured points; else y from 0."""
    if "x" in chart.log:
        ax.set_xscale("log")
        measured = sorted({x for xs, _ in chart.series.values() for x in xs})
        ax.xaxis.set_major_locator(FixedLocator(measured[:: 1 + len(measured) // 7]))
        ax.xaxis.set_minor_locator(NullLocator())
    if "y" in chart.log:
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        ax.set_ylim(0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(style.PLAIN)


def _label_ends(ax: Axes, chart: Chart) -> None:
    """Write each curve's name at the right; move names apart where curves end close together."""
    ends = []
    for name, (_, ys) in {**chart.series, **chart.through}.items():
        display = ax.transData.transform((ax.get_xlim()[1], max(ys[-1], 1e-9)))
        ends.append((float(ax.transAxes.inverted().transform(display)[1]), name))
    heights = curves.spaced([height for height, _ in sorted(ends)], 0.07)
    for height, (_, name) in zip(heights, sorted(ends), strict=True):
        look = looks()[name]
        ax.plot(1.02, height, look.marker, transform=ax.transAxes, color=look.colour, clip_on=False)
        at: dict[str, Any] = {"xycoords": "axes fraction", "annotation_clip": False}
        ax.annotate(chart.labels.get(name, name), (1.02, height), (8, 0), **at, **style.BESIDE)


def _stack(ax: Axes, bars: Sequence[Mapping[str, float]]) -> None:
    left = np.zeros(len(bars))
    for part, (name, colour, hatch) in PARTS.items():
        if not any(part in bar for bar in bars):
            continue
        sizes = np.array([bar.get(part, 0.0) for bar in bars])
        edge = style.PAPER if hatch else colour
        ax.barh(range(len(bars)), sizes, 0.7, left, fc=colour, ec=edge, hatch=hatch, label=name)
        left += sizes
    for row, total in enumerate(left):
        ax.annotate(style.PLAIN(round(total), None), (float(total), row), (5, 0), **style.BESIDE)
    ax.set_xlim(0, float(left.max()) * 1.18 if left.max() else 1)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.set_xlabel("bytes")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
