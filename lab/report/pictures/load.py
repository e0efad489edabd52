"""Draws the search for the knee: latency against offered rate, a panel per transport."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, NullLocator

from lab.measure.figures import BY_KEY
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import NO_SOCKET
from lab.report.pictures import style
from lab.report.pictures.style import FAINT, INK, Look

COLUMNS = 3
MARGIN = 1.35
"""The margin around the points, as a factor on each axis."""

Knee = Mapping[str, Any]
"""A `lab.load.open_loop.knee.Knee`, as the run's file has it."""


def load(run: Run) -> Canvas | None:
    """p50 and p99 against the offered rate, with the bound and the knee; None without a search."""
    knees = {
        transport: found[-1] for transport in run.transports if (found := _found(run, transport))
    }
    if not knees:
        return None
    looks = style.looks(run.transports, NO_SOCKET)
    rows = math.ceil(len(knees) / COLUMNS)
    with style.applied():
        canvas = style.canvas(0.9 + 2.5 * rows)
        grid = canvas.subplots(
            rows, min(COLUMNS, len(knees)), sharex=True, sharey=True, squeeze=False
        )
        panels = [ax for row in grid for ax in row]
        for ax, (transport, knee) in zip(panels, knees.items(), strict=False):
            _panel(ax, transport, knee, looks[transport])
        for ax in panels[len(knees) :]:
            ax.set_visible(False)
        _axes(panels[: len(knees)], list(knees.values()))
        style.frame(canvas, _title(knees), _note(next(iter(knees.values()))))
    return canvas


def _found(run: Run, transport: str) -> list[Knee]:
    return [detail for detail in run.details(transport, BY_KEY["knee_per_s"]) if detail["steps"]]


def _panel(ax: Axes, transport: str, knee: Knee, look: Look) -> None:
    best = _best(knee["steps"])
    for percentile, line in (("p50", "--"), ("p99", "-")):
        drawn = [one for one in best if one[f"{percentile}_ns"] is not None]
        rates = [one["rate_per_s"] for one in drawn]
        ms = [one[f"{percentile}_ns"] / 1e6 for one in drawn]
        ax.plot(rates, ms, line, color=look.colour, lw=1.6, zorder=2)
        for one, rate, took in zip(drawn, rates, ms, strict=True):
            face = look.colour if one["outcome"] == "held" else style.PAPER
            ax.plot(rate, took, look.marker, color=look.colour, mfc=face, ms=5.5, zorder=3)
        if drawn:
            beside: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9, "va": "center"}
            ax.annotate(percentile, (rates[0], ms[0]), (-6, 0), ha="right", **beside)
    ax.axhline(knee["p99_bound_ns"] / 1e6, color=FAINT, lw=1.1, ls=":", zorder=1)
    if knee["rate_per_s"] is not None:
        ax.axvline(knee["rate_per_s"], color=INK, lw=1.1, zorder=1)
    ax.set_title(f"{transport}\n{held(knee)}", fontsize=10)


def _best(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """For each rate, the last try: it decided about the rate."""
    return [one for _, one in sorted({one["rate_per_s"]: one for one in steps}.items())]


def held(knee: Knee) -> str:
    """The result of the search in a few words."""
    rate = knee["rate_per_s"]
    if rate is None:
        return "not known: client's limit" if knee["limit"] == "load" else "no rate was held"
    shown = f"{formatting.number(rate)}/s"
    match knee["limit"]:
        case "load":
            return f"≥ {shown}: client's limit"
        case "ceiling":
            return f"≥ {shown}: no higher was tried"
    return f"holds {shown}"


def _axes(panels: Sequence[Axes], knees: Sequence[Knee]) -> None:
    """One scale for all panels, so that they can be compared."""
    steps = [one for knee in knees for one in _best(knee["steps"])]
    ms = [one[name] / 1e6 for one in steps for name in ("p50_ns", "p99_ns") if one[name]]
    ms += [knee["p99_bound_ns"] / 1e6 for knee in knees]
    rates = [one["rate_per_s"] for one in steps]
    first = panels[0]
    first.set_xscale("log")
    first.set_yscale("log")
    # A larger margin on the left, where the curves have their names.
    first.set_xlim(min(rates) / MARGIN**2.2, max(rates) * MARGIN)
    first.set_ylim(min(ms) / MARGIN, max(ms) * MARGIN)
    for place, ax in enumerate(panels):
        ax.xaxis.set_major_locator(FixedLocator(_doublings(min(rates), max(rates))))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(style.PLAIN)
        ax.yaxis.set_major_formatter(style.PLAIN)
        ax.grid(axis="y")
        ax.set_axisbelow(True)
        below = place + COLUMNS >= len(panels)
        ax.tick_params(axis="x", labelbottom=below)
        if below:
            ax.set_xlabel("offered, messages per second")
        if place % COLUMNS == 0:
            ax.set_ylabel("latency in ms")


def _doublings(low: float, high: float) -> list[float]:
    """At most five numbers within the range: 100 times powers of 2, or of 4, ..."""
    exponents = range(math.ceil(math.log2(low / 100)), math.floor(math.log2(high / 100)) + 1)
    step = max(1, math.ceil(len(exponents) / 5))
    return [100 * 2.0**exponent for exponent in exponents[::step]]


def _title(knees: Mapping[str, Knee]) -> str:
    """A title about the highest and the lowest knee. A lower bound is marked as one."""
    known = {transport: knee for transport, knee in knees.items() if knee["rate_per_s"] is not None}
    if not known:
        return "How long a message takes, against the offered rate"
    ranked = sorted(known, key=lambda transport: float(known[transport]["rate_per_s"]))
    said = f"{ranked[-1]} holds {_rate(known[ranked[-1]])} messages a second"
    return said if len(ranked) == 1 else f"{said}, {ranked[0]} {_rate(known[ranked[0]])}"


def _rate(knee: Knee) -> str:
    least = "at least " if knee["limit"] in ("load", "ceiling") else ""
    return f"{least}{formatting.number(knee['rate_per_s'])}"


def _note(knee: Knee) -> str:
    rooms, members = knee["rooms"], knee["members_per_room"]
    return (
        f"{knee['arrivals']} arrivals, {rooms} rooms of {members}, timed from the intended send · "
        f"vertical line: highest rate with p99 within {knee['p99_bound_ns'] / 1e6:g} ms (dotted)\n"
        "and nothing lost · hollow: not held · ≥: the load, not the server, was the limit"
    )
