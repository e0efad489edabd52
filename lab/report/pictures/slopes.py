"""Draws time against round-trip time. The slope is a number of round trips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from lab.record import Run
from lab.report.model.details import TwiceCounted, details
from lab.report.model.summary import NO_SOCKET, summarise
from lab.report.pictures import style
from lab.report.pictures.curves import spaced
from lab.report.pictures.style import FAINT, Look

GOALS = {"connect": "Until a command can be sent", "join": "Until a room is joined"}
MS_NS = 1e6
_ROW = 0.27
"""Inches that a label needs."""
_LABEL = 1.07
"""The position of labels, in widths of the axes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One transport's handshakes, over new or kept-alive TCP connections."""

    transport: str
    kept: bool
    counted: TwiceCounted

    @property
    def name(self) -> str:
        """The label: round trips by the clock, round trips from the bytes, transport."""
        clock, count = self.counted.slope.round_trips, self.counted.spread
        return f"{clock:.2f} | {count}  {self.transport}" + (", kept" if self.kept else "")


def slopes(run: Run) -> Canvas | None:
    """Time until connected and until joined at each emulated RTT; None if none was measured."""
    found = {goal: lines(run, goal) for goal in GOALS}
    most = max(map(len, found.values()))
    if not most:
        return None
    looks = style.looks(run.transports, NO_SOCKET)
    with style.applied():
        canvas = style.canvas(1.9 + _ROW * max(most, 8))
        for ax, (goal, title) in zip(canvas.subplots(1, 2), GOALS.items(), strict=True):
            _panel(ax, found[goal], looks)
            ax.set_title(title, pad=26)
        counts = {line.transport: line.counted.ledger.round_trips for line in found["join"]}
        style.frame(canvas, title_of(counts, summarise(run).baseline), _note(found))
    return canvas


def lines(run: Run, goal: str) -> list[Line]:
    """The lines of new connections, then those of kept-alive connections."""
    return [
        Line(transport, kept, counted)
        for kept, connection in ((False, "new"), (True, "kept-alive"))
        for transport, counted in details(
            run, "round_trips", f"{connection} {goal}", TwiceCounted
        ).items()
    ]


def title_of(counts: Mapping[str, int], baseline: str | None) -> str:
    """A title about the transport with the most round trips, and the baseline."""
    if baseline is not None and baseline in counts:
        most = max(counts, key=lambda transport: counts[transport])
        if counts[most] > counts[baseline]:
            many = f"{counts[most]} round trips on {most}, {counts[baseline]} on {baseline}"
            return f"To join a room takes {many}"
        if len(counts) > 1 and min(counts.values()) == counts[most]:
            return f"To join a room takes {counts[most]} round trips on every transport"
    return "How much time each round trip adds to a handshake"


def _note(found: Mapping[str, Sequence[Line]]) -> str:
    every = [line.counted for each in found.values() for line in each]
    apart = max(abs(one.slope.round_trips - one.ledger.round_trips) for one in every)
    kept = any(line.kept for each in found.values() for line in each)
    note = (
        "labels: slope of the line (round trips by the clock) | round trips counted from the "
        f"bytes; at most {apart:.2f} apart"
    )
    return note + ("\nkept, hollow: over TCP connections that were left open" if kept else "")


def _panel(ax: Axes, drawn: Sequence[Line], looks: Mapping[str, Look]) -> None:
    rtts = sorted({rtt / MS_NS for line in drawn for rtt in line.counted.samples_ns})
    last = rtts[-1] if rtts else 1.0
    for line in drawn:
        _line(ax, line, last, looks[line.transport])
    ax.set_xlim(-0.02 * last, last * 1.02)
    ax.set_ylim(bottom=0)
    ax.set_xticks(rtts)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.set_xlabel("emulated RTT in ms")
    ax.set_ylabel("time in ms")
    ax.grid()
    _label(ax, drawn, last, looks)


def _line(ax: Axes, line: Line, last: float, look: Look) -> None:
    slope = line.counted.slope
    base = slope.base_ns / MS_NS
    dots = [
        (rtt / MS_NS, ns / MS_NS) for rtt, each in line.counted.samples_ns.items() for ns in each
    ]
    fitted = ":" if line.kept else "-"
    ends = [base, base + slope.round_trips * last]
    ax.plot([0, last], ends, fitted, color=look.colour, lw=1.6)
    ax.plot(*zip(*dots, strict=True), clip_on=False, zorder=3, **_marker(line, look))


def _marker(line: Line, look: Look) -> dict[str, Any]:
    face = style.PAPER if line.kept else look.colour
    mark = {"marker": look.marker, "ls": "none", "ms": 5.5, "mfc": face, "mew": 1.1}
    return {**mark, "mec": look.colour}


def _label(ax: Axes, drawn: Sequence[Line], last: float, looks: Mapping[str, Look]) -> None:
    """Label the lines at their ends, without overlaps."""
    top = ax.get_ylim()[1]

    def end(line: Line) -> float:
        slope = line.counted.slope
        return (slope.base_ns / MS_NS + slope.round_trips * last) / top

    ordered = sorted(drawn, key=end)
    gap = min(0.085, 1 / max(len(ordered), 1))
    for height, line in zip(spaced([end(line) for line in ordered], gap), ordered, strict=True):
        at: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False}
        ax.plot(_LABEL, height, **_marker(line, looks[line.transport]), **at)
        where: dict[str, Any] = {"xycoords": "axes fraction", "annotation_clip": False}
        ax.annotate(line.name, (_LABEL, height), (8, 0), **where, **style.BESIDE)
    head: dict[str, Any] = {"xycoords": "axes fraction", "color": FAINT, "annotation_clip": False}
    ax.annotate("clock | bytes", (_LABEL, 1), (8, 14), **head, **style.BESIDE)
