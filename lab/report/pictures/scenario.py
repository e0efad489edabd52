"""Draws the latencies of a target under load, from the intended send and as a closed loop."""

from __future__ import annotations

import math

from matplotlib.figure import Figure as Canvas

from lab.record import Run
from lab.report.model import formatting
from lab.report.model.scenario import Loaded, Row, loaded
from lab.report.pictures import curves, style
from lab.report.pictures.style import Floats

UNCORRECTED = "as a closed loop"


def scenario(run: Run) -> Canvas | None:
    """A curve for each latency, by percentile; None without one."""
    found = loaded(run)
    rows = [] if found is None or found.void else found.latencies
    if found is None or not rows:
        return None
    drawn = {name: _points(row) for name, row in zip(_names(rows), rows, strict=True)}
    with style.applied():
        canvas = style.canvas(curves.inches(len(drawn)))
        ax = canvas.subplots()
        curves.draw(ax, drawn, style.looks(list(drawn), ""))
        ax.set_xlabel("share of messages that took at most this long")
        ax.set_ylabel("ms")
        style.frame(canvas, _title(found, rows), _note(found))
    return canvas


def _names(rows: list[Row]) -> list[str]:
    """A name for each row; that of the uncorrected one follows the name of the row above it."""
    names: list[str] = []
    for row in rows:
        names.append(f"{names[-1]}, {UNCORRECTED}" if row.uncorrected else row.name.split()[0])
    return names


def _points(row: Row) -> tuple[Floats, Floats]:
    percentile, ns = row.samples.percentile_curve()
    return curves.nines(percentile, row.samples.count), ns / 1e6


def _title(found: Loaded, rows: list[Row]) -> str:
    p99 = formatting.number(rows[0].ms()[2])
    what = "an answer" if rows[0].name == "answer" else "a delivery to the last client"
    return f"{found.name}: 99 % of messages have {what} within {p99} ms"


def _note(found: Loaded) -> str:
    rate = found.passes[0]["rate_per_s"]
    if rate is None:
        return "a closed loop: each sender waits for its own messages · logarithmic scales"
    gap = (
        ""
        if math.isclose(found.mean("sent_per_s"), rate, rel_tol=0.05)
        else (f" ({formatting.number(found.mean('sent_per_s'))}/s sent)")
    )
    return (
        f"{rate:g} messages a second offered{gap}, timed from the intended send · beside it: what "
        "a closed loop would report · logarithmic scales"
    )
