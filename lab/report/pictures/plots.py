"""Draws the pictures of a run as matplotlib figures.

Each title is derived from the verdicts, so a picture never claims a difference that the statistics
do not show.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from matplotlib.figure import Figure as Canvas

from lab.measure.figures import BY_KEY
from lab.measure.figures.scenario import EXPERIMENT as SCENARIO
from lab.measure.stats import FEWEST_PASSES
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import NO_SOCKET, Summary, summarise
from lab.report.pictures import bars, cost, curves, style
from lab.report.pictures.answer import answer
from lab.report.pictures.bars import Panel
from lab.report.pictures.calibration import calibration
from lab.report.pictures.compression import compression
from lab.report.pictures.decomposition import decomposition
from lab.report.pictures.durability import durability
from lab.report.pictures.layers import layers
from lab.report.pictures.load import load
from lab.report.pictures.loss import loss
from lab.report.pictures.nodes import nodes
from lab.report.pictures.proxies import proxies
from lab.report.pictures.scenario import scenario
from lab.report.pictures.slopes import slopes
from lab.report.pictures.storm import storm
from lab.report.pictures.waterfall import waterfall

DPI = 150

_TRANSPORTS = (
    Panel(
        "Handshake",
        "ms",
        (("connect_p50_ms", "connect"), ("join_p50_ms", "join")),
        "To join, {transport} takes {ratio}× as long as {baseline}",
    ),
    Panel(
        "Latency",
        "µs",
        (("rtt_p50_us", "p50"), ("rtt_p99_us", "p99")),
        "At p99, {transport} takes {ratio}× as long as {baseline}",
    ),
    Panel(
        "Server CPU",
        "µs per delivery",
        (
            ("server_cpu_us_per_delivery_10", "room of 10"),
            ("server_cpu_us_per_delivery_100", "room of 100"),
        ),
        "In a room of 100, {transport} takes {ratio}× as much as {baseline}",
    ),
)
_THROUGHPUT = tuple(
    Panel(
        f"Room of {room}",
        "deliveries per second",
        ((f"deliveries_per_s_{room}", ""),),
        "{transport} delivers {ratio}× as many as {baseline}",
    )
    for room in (10, 100)
)


def transports(run: Run) -> Canvas | None:
    """Handshake, latency and server CPU of every transport of the run; none for a target."""
    summary = summarise(run)
    if not _has(summary, _TRANSPORTS) or summary.of_experiment(SCENARIO):
        return None
    note = f"{_bars_are(run, summary)} · loopback network · shorter is better"
    title = "What the same chat room costs on each transport"
    return bars.draw(_TRANSPORTS, summary, run.transports, title, note)


def throughput(run: Run) -> Canvas | None:
    """Deliveries per second in rooms of 10 and 100, with the saturated side."""
    summary = summarise(run)
    if not _has(summary, _THROUGHPUT):
        return None
    # The transport without a socket is left out. It is so much faster that the others would look
    # equal.
    shown = [transport for transport in run.transports if transport != NO_SOCKET]
    note = f"{_bars_are(run, summary)} · longer is better"
    if any(cell.mark == "load-bound" for each in summary.figures for cell in each.cells.values()):
        note += "\nhatched: the client had no CPU left, so the figure is not the server's"
    return bars.draw(
        _THROUGHPUT, summary, shown, "How many deliveries a second one room gets", note
    )


def percentiles(run: Run) -> Canvas | None:
    """The whole RTT distribution per transport, on HDR's axis."""
    figure = BY_KEY["rtt_p50_us"]
    looks = style.looks(run.transports, NO_SOCKET)
    found = {transport: run.merged(transport, figure) for transport in run.transports}
    drawn = {}
    for transport, histogram in found.items():
        if histogram.count:
            percentile, ns = histogram.percentile_curve()
            drawn[transport] = (curves.nines(percentile, histogram.count), ns / 1e3)
    if not drawn:
        return None
    with style.applied():
        canvas = style.canvas(curves.inches(len(drawn)))
        curves.draw(canvas.subplots(), drawn, looks)
        note = "one message in flight; all valid passes merged; logarithmic scales"
        style.frame(canvas, _tail_title(summarise(run)), note)
    return canvas


PICTURES: dict[str, Callable[[Run], Canvas | None]] = {
    "answer": answer,
    "transports": transports,
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
    "compression": compression,
    "durability": durability,
    "loss": loss,
    "calibration": calibration,
    "scenario": scenario,
    "storm": storm,
    "proxies": proxies,
    "nodes": nodes,
}
"""File name in `pictures/` -> the function that draws it. It returns None without data."""


def png(canvas: Canvas) -> bytes:
    """Encode as PNG, for pages about 850 pixels wide."""
    return _saved(canvas, "png", dpi=DPI, metadata={"Software": None})


def svg(canvas: Canvas) -> bytes:
    """Encode as SVG. The same run gives the same bytes."""
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
    transport = max(ratios, key=lambda name: ratios[name], default=None)
    if transport is None or ratios[transport] <= 1:
        return "How long a round trip takes, by percentile"
    by = formatting.times(ratios[transport])
    return f"At p99, a round trip on {transport} takes {by}× as long as on {summary.baseline}"


def _bars_are(run: Run, summary: Summary) -> str:
    few = summary.passes < FEWEST_PASSES
    lines = "lowest to highest" if few else "their 95 % intervals"
    return (
        f"bars: medians over {summary.passes} passes, lines: {lines} · {run.info.settings} settings"
    )
