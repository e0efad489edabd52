"""Draws what a journal costs a message, beside the same without one."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from lab.measure.figures.durability import JOURNALS, WINDOWS
from lab.measure.stats import Interval
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import Summary, summarise
from lab.report.pictures import style
from lab.report.pictures.style import FAINT, INK

NAMES = {"memory": "in memory", "normal": "--sync normal", "full": "--sync full"}
COLOURS = {"memory": FAINT, "normal": "#0072B2", "full": "#D55E00"}
HATCH = "////"
BAR = 0.36

Ends = tuple[float, float, float]
"""A value, and the ends of its line."""


def durability(run: Run) -> Canvas | None:
    """CPU of a message, and its commits, by journal; None without such a run."""
    summary = summarise(run)
    rows = [(name, journal) for name in _measured(run, summary) for journal in JOURNALS]
    if not rows:
        return None
    with style.applied():
        canvas = style.canvas(2.0 + 0.45 * len(rows))
        left, right = canvas.subplots(1, 2, sharey=True)
        _panel(left, [_costs(summary, *row) for row in rows], rows)
        _panel(right, [_commits(summary, *row) for row in rows], rows)
        left.set_xlabel("server CPU of a message, µs")
        right.set_xlabel("commits for a message")
        left.set_yticks(range(len(rows)), [f"{name}\n{NAMES[journal]}" for name, journal in rows])
        left.set_ylim(len(rows) - 0.4, -0.6)
        _legend(left)
        note = (
            f"room of 100 · bars: {_taken(summary)} · shorter is better\n"
            "With full each commit waits for one fsync, with normal for none."
        )
        style.frame(canvas, "What a journal costs that keeps each message", note)
    return canvas


def _taken(summary: Summary) -> str:
    if not summary.passes:
        return "measured once, without an interval"
    return f"medians over {summary.passes} passes, with their intervals"


def _measured(run: Run, summary: Summary) -> list[str]:
    figure = summary.figure("durability_full_1_cpu_us")
    cells = figure.cells if figure else {}
    return [name for name in run.transports if name in cells and cells[name].interval]


def _costs(summary: Summary, transport: str, journal: str) -> list[Ends | None]:
    found = (_interval(summary, transport, f"{journal}_{window}_cpu_us") for window in WINDOWS)
    return [None if each is None else _ends(each) for each in found]


def _commits(summary: Summary, transport: str, journal: str) -> list[Ends | None]:
    """The other way round than the figure, which counts the messages of a commit."""
    if journal == "memory":
        return [None for _ in WINDOWS]
    found = (_interval(summary, transport, f"{journal}_{window}_per_commit") for window in WINDOWS)
    ends = (None if each is None else _ends(each) for each in found)
    return [None if each is None else (1 / each[0], 1 / each[2], 1 / each[1]) for each in ends]


def _interval(summary: Summary, transport: str, key: str) -> Interval | None:
    figure = summary.figure(f"durability_{key}")
    return figure.cells[transport].interval if figure else None


def _ends(found: Interval) -> Ends:
    low = found.lowest if found.low is None else found.low
    high = found.highest if found.high is None else found.high
    return found.median, low, high


def _panel(ax: Axes, found: list[list[Ends | None]], rows: Sequence[tuple[str, str]]) -> None:
    for row, (values, (_, journal)) in enumerate(zip(found, rows, strict=True)):
        for place, value in enumerate(values):
            y = row + (place - 0.5) * BAR
            if value is None:
                ax.annotate("–", (0, y), (4, 0), **style.BESIDE, color=FAINT)
                continue
            colour = COLOURS[journal]
            bar = ax.barh(y, value[0], BAR * 0.9, color="none" if place else colour)
            bar[0].set(hatch=HATCH if place else "", edgecolor=colour, lw=1.2)
            ax.plot(value[1:], [y, y], color=INK, lw=1.1, solid_capstyle="butt")
            at = (max(value), y)
            ax.annotate(formatting.number(value[0]), at, (4, 0), **style.BESIDE)
    tops = [max(value) for values in found for value in values if value]
    ax.set_xlim(0, 1.3 * max(tops, default=1))
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _legend(ax: Axes) -> None:
    ax.legend(
        [Patch(fc=FAINT, ec=FAINT), Patch(fc="none", ec=FAINT, hatch=HATCH)],
        [f"{window} in flight" for window in WINDOWS],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        frameon=False,
        fontsize=9.5,
        borderaxespad=0.2,
    )
