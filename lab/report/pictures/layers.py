"""Draws the bytes of a handshake and of a message by layer: headers, framing, payload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from lab.record import Run
from lab.report.model import formatting
from lab.report.model.details import Cost, Layers, Visit, details
from lab.report.model.summary import summarise
from lab.report.pictures import style
from lab.report.pictures.style import FAINT

LAYERS = {
    "http": ("HTTP headers", "#0072B2", ""),
    "framing": ("framing", "#E69F00", "////"),
    "payload": ("payload", "#009E73", ".."),
    "undecodable": ("not decoded", "#D55E00", "xx"),
    "tls": ("TLS", "#CC79A7", "\\\\\\\\"),
}
"""Layer -> its name, colour and hatch."""

_HEIGHT = 0.34


def layers(run: Run) -> Canvas | None:
    """Stacked bytes of the handshake and of a message; None if no bytes were counted."""
    visits = details(run, "bytes", "ledger", Visit)
    if not visits:
        return None
    baseline = summarise(run).baseline
    costs = {
        title: {transport: extract(visit) for transport, visit in visits.items()}
        for title, extract in PANELS.items()
    }
    with style.applied():
        canvas = style.canvas(1.75 + 0.56 * max(len(visits), 2))
        axes = canvas.subplots(1, 2, sharey=True)
        for ax, title in zip(axes, PANELS, strict=True):
            _panel(ax, costs[title])
            _entitle(ax, title, _finding(costs[title], baseline))
        _transports(axes[0], list(visits))
        _key(axes[0], [cost for each in costs.values() for cost in each.values() if cost])
        style.frame(canvas, _title(costs[MESSAGE], baseline), _note(run))
    return canvas


def handshake(visit: Visit) -> Cost | None:
    """What crossed the wire until a command could be sent."""
    return visit.connect.cost if visit.connect else None


def message(visit: Visit) -> Cost | None:
    """One `say`, its reply, and one delivery of it."""
    if visit.message is None or visit.delivery is None:
        return None
    return visit.message.plus(visit.delivery)


MESSAGE = "One message and its delivery"
PANELS = {"Handshake, until connected": handshake, MESSAGE: message}


def _panel(ax: Axes, costs: Mapping[str, Cost | None]) -> None:
    for row, cost in enumerate(costs.values()):
        if cost is None:
            ax.annotate("–", (0, row), (4, 0), **style.BESIDE, color=FAINT)
            continue
        _bar(ax, row - _HEIGHT / 2, "↑", cost.up)
        _bar(ax, row + _HEIGHT / 2, "↓", cost.down)
    longest = [max(cost.up.total, cost.down.total) for cost in costs.values() if cost]
    ax.set_xlim(0, max(longest, default=1) * 1.2)
    ax.set_xlabel("bytes")
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0, pad=16)


def _entitle(ax: Axes, title: str, finding: str) -> None:
    """Write above a panel: its title and finding. Leave space for the legend."""
    ax.set_title(title, pad=38)
    where: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    ax.annotate(finding, (0, 1), (0, 34), va="top", fontsize=9.5, annotation_clip=False, **where)


def _bar(ax: Axes, y: float, arrow: str, size: Layers) -> None:
    begin = 0.0
    for layer, (_, colour, hatch) in LAYERS.items():
        amount = getattr(size, layer)
        if not amount:  # its edge would still be drawn
            continue
        look: dict[str, Any] = {"fc": colour if not hatch else "none", "hatch": hatch, "ec": colour}
        ax.barh(y, amount, _HEIGHT * 0.86, left=begin, lw=0.8, **look)
        begin += amount
    ax.annotate(arrow, (0, y), (-11, 0), **style.BESIDE, annotation_clip=False)
    ax.annotate(f"{size.total:,.0f}".replace(",", " "), (begin, y), (4, 0), **style.BESIDE)


def _transports(ax: Axes, transports: Sequence[str]) -> None:
    ax.set_yticks(range(len(transports)), transports)
    ax.set_ylim(len(transports) - 0.45, -0.55)


def _key(ax: Axes, costs: Iterable[Cost]) -> None:
    used = [side for cost in costs for side in (cost.up, cost.down)]
    patches = [
        Patch(fc=colour if not hatch else "none", ec=colour, hatch=hatch, label=name)
        for layer, (name, colour, hatch) in LAYERS.items()
        if any(getattr(side, layer) for side in used)
    ]
    ax.legend(
        handles=patches,
        loc="lower left",
        bbox_to_anchor=(-0.03, 1.0),
        ncols=len(patches),
        frameon=False,
        fontsize=9.5,
        borderaxespad=0,
        handlelength=1.3,
        columnspacing=1.2,
    )


def _finding(costs: Mapping[str, Cost | None], baseline: str | None) -> str:
    ratios = ratios_of(costs, baseline)
    most = max(ratios, key=lambda transport: ratios[transport], default=None)
    return f"{most}: {formatting.times(ratios[most])}× the bytes of {baseline}" if most else ""


def ratios_of(costs: Mapping[str, Cost | None], baseline: str | None) -> dict[str, float]:
    """Transport -> the ratio of its bytes, in both directions, to those of the baseline."""
    base = costs.get(baseline) if baseline else None
    if base is None or not base.total:
        return {}
    return {w: cost.total / base.total for w, cost in costs.items() if cost and w != baseline}


def _title(costs: Mapping[str, Cost | None], baseline: str | None) -> str:
    """A title about the transport with the largest share of HTTP headers in a message."""
    shares = {w: _headers(cost) / cost.total for w, cost in costs.items() if cost and cost.total}
    most = max(shares, key=lambda transport: shares[transport], default=None)
    if most is None or not shares[most]:
        return "What crosses the wire, by layer"
    beside = f", {shares[baseline]:.0%} on {baseline}" if baseline in shares else ""
    return f"HTTP headers are {shares[most]:.0%} of a message on {most}{beside}".replace("%", " %")


def _headers(cost: Cost) -> float:
    return cost.up.http + cost.down.http


def _note(run: Run) -> str:
    size = run.info.constants.get("payload_bytes", "?")
    return (
        f"counted, not timed; one message in flight, text of {size} B · ↑ client to server, "
        "↓ server to client\none message: say, its reply, and one delivery · payload: the chat's "
        "JSON · framing: all other bytes"
    )
