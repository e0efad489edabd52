"""The pictures of a run: what its numbers look like, as matplotlib figures.

Each title says what to see, and is worked out from the verdicts: a picture never claims a
difference that the statistics don't.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from matplotlib.figure import Figure as Canvas

from lab.measure.figures import BY_KEY
from lab.measure.stats import FEWEST_PASSES
from lab.record import Run
from lab.report import bars, cost, curves, style, words
from lab.report import summary as summary_
from lab.report.bars import Panel
from lab.report.decomposition import decomposition
from lab.report.layers import layers
from lab.report.load import load
from lab.report.slopes import slopes
from lab.report.summary import FLOOR, Summary
from lab.report.waterfall import waterfall

DPI = 150

_ANSWER = (
    Panel(
        "Handshake",
        "ms",
        (("connect_p50_ms", "connect"), ("join_p50_ms", "join")),
        "To join, {wire} takes {ratio}× as long as {baseline}",
    ),
    Panel(
        "Latency",
        "µs",
        (("rtt_p50_us", "p50"), ("rtt_p99_us", "p99")),
        "At p99, {wire} takes {ratio}× as long as {baseline}",
    ),
    Panel(
        "Server CPU",
        "µs per delivery",
        (
            ("server_cpu_us_per_delivery_10", "room of 10"),
            ("server_cpu_us_per_delivery_100", "room of 100"),
        ),
        "In a room of 100, {wire} takes {ratio}× as much as {baseline}",
    ),
)
_THROUGHPUT = tuple(
    Panel(
        f"Room of {room}",
        "deliveries per second",
        ((f"deliveries_per_s_{room}", ""),),
        "{wire} delivers {ratio}× as many as {baseline}",
    )
    for room in (10, 100)
)


def answer(run: Run) -> Canvas | None:
    """The picture that answers the question: handshake, latency and server CPU per wire."""
    summary = summary_.of(run)
    if not _has(summary, _ANSWER):
        return None
    note = f"{_bars_are(run, summary)} · loopback network · shorter is better"
    title = "What the same chat room costs on each wire"
    return bars.draw(_ANSWER, summary, run.wires, title, note)


def throughput(run: Run) -> Canvas | None:
    """Deliveries per second in rooms of 10 and 100, each with the side that was saturated."""
    summary = summary_.of(run)
    if not _has(summary, _THROUGHPUT):
        return None
    # The floor is left out: without a socket it is so much faster that the wires would look alike.
    wires = [wire for wire in run.wires if wire != FLOOR]
    note = f"{_bars_are(run, summary)} · longer is better"
    if any(cell.mark == "load-bound" for each in summary.figures for cell in each.cells.values()):
        note += "\nhatched: the client ran out of CPU, so that the figure is not the server's"
    return bars.draw(
        _THROUGHPUT, summary, wires, "How many deliveries a second one room gets", note
    )


def percentiles(run: Run) -> Canvas | None:
    """The whole RTT distribution per wire, on HDR's axis that gives the tail its room."""
    figure = BY_KEY["rtt_p50_us"]
    looks = style.looks(run.wires, FLOOR)
    found = {wire: run.merged(wire, figure) for wire in run.wires}
    drawn = {}
    for wire, histogram in found.items():
        if histogram.count:
            percentile, ns = histogram.percentile_curve()
            drawn[wire] = (curves.nines(percentile, histogram.count), ns / 1e3)
    if not drawn:
        return None
    with style.applied():
        canvas = style.canvas(curves.inches(len(drawn)))
        curves.draw(canvas.subplots(), drawn, looks)
        note = "one message in flight; all valid passes merged; logarithmic scales"
        style.frame(canvas, _tail_title(summary_.of(run)), note)
    return canvas


PICTURES: dict[str, Callable[[Run], Canvas | None]] = {
    "answer": answer,
    "waterfall": waterfall,
    "slopes": slopes,
    "bytes": layers,
    "percentiles": percentiles,
    "throughput": throughput,
    "decomposition": decomposition,
    "load": load,
    "room_size": cost.room_size,
    "payload": cost.payload,
    "memory": cost.memory,
}
"""File name in `pictures/` -> what draws it; None where the run has not measured what it shows."""


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


def _has(summary: Summary, panels: Sequence[Panel]) -> bool:
    """Whether the run measured at least one of the figures that the panels show."""
    return any(summary.figure(key) for panel in panels for key, _ in panel.bars)


def _tail_title(summary: Summary) -> str:
    figure = summary.figure("rtt_p99_us")
    ratios = figure.established() if figure else {}
    wire = max(ratios, key=lambda name: ratios[name], default=None)
    if wire is None or ratios[wire] <= 1:
        return "How long a round trip takes, and how rarely longer"
    by = words.times(ratios[wire])
    return f"At p99, a round trip on {wire} takes {by}× as long as on {summary.baseline}"


def _bars_are(run: Run, summary: Summary) -> str:
    few = summary.passes < FEWEST_PASSES
    lines = "lowest to highest" if few else "their 95 % intervals"
    return (
        f"bars: medians over {summary.passes} passes, lines: {lines} · {run.info.settings} settings"
    )
