"""Draws by how much a link differs from what it was set to."""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from lab.record import Run
from lab.report.model.summary import Summary, summarise
from lab.report.pictures import style

LEAST_HEIGHT, ROW = 1.8, 0.22


class Panel(NamedTuple):
    """Figures beside the one that was set, and what the lab tolerates of its link."""

    title: str
    unit: str
    tolerated: float
    given: str
    found: dict[str, tuple[str, str, str]]
    """Figure -> its name, its mark and its colour."""


PANELS = (
    Panel("Round trip", "ms", 0.3, "link_rtt_set", {"link_rtt_p50": ("p50", "o", "#0072B2")}),
    Panel(
        "Loss",
        "percentage points",
        0.2,
        "link_loss_set",
        {"link_loss_up": ("up", "^", "#0072B2"), "link_loss_down": ("down", "v", "#D55E00")},
    ),
)


def calibration(run: Run) -> Canvas | None:
    """The differences of each network that was calibrated; None for another run."""
    summary = summarise(run)
    panels = [panel for panel in PANELS if summary.medians(panel.given)]
    if not panels:
        return None
    with style.applied():
        canvas = style.canvas(LEAST_HEIGHT + ROW * len(run.transports))
        (axes,) = canvas.subplots(1, len(panels), squeeze=False)
        for ax, panel in zip(axes, panels, strict=True):
            _draw(ax, summary, panel)
        note = "what was found, less what was set; grey: what the lab tolerates of its link"
        style.frame(canvas, "How far a link is from what it was set to", note)
    return canvas


def _draw(ax: Axes, summary: Summary, panel: Panel) -> None:
    given = summary.medians(panel.given)
    rows = {label: row for row, label in enumerate(given)}
    ax.axvspan(-panel.tolerated, panel.tolerated, color=style.FAINT, alpha=0.2, lw=0)
    ax.axvline(0, color=style.INK, lw=1)
    for key, (name, mark, colour) in panel.found.items():
        found = summary.medians(key)
        differences = [found[label] - given[label] for label in found]
        ax.plot(differences, [rows[label] for label in found], mark, color=colour, label=name)
    ax.set_yticks(list(rows.values()), list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_title(panel.title)
    ax.set_xlabel(panel.unit)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        frameon=False,
        fontsize=9.5,
        borderaxespad=0,
        handletextpad=0.2,
    )
