"""Draws what a delivery costs on joined nodes, by transport."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from lab.measure.figures.nodes import ALONE, CASES, ROOMS, nodes_title
from lab.record import Run
from lab.report.model.summary import summarise
from lab.report.pictures import grouped, style

JOINED = [case for case in CASES if case != ALONE]
PANELS = {
    **{f"{room}_times": f"room of {room}, × a node alone" for room in ROOMS},
    f"{ROOMS[-1]}_cpu_us": f"room of {ROOMS[-1]}, µs",
}


def nodes(run: Run) -> Canvas | None:
    """CPU per delivery by how many nodes are joined; None for a run without joined nodes."""
    summary = summarise(run)
    measured = list(summary.medians(f"nodes_{ALONE}_{ROOMS[-1]}_cpu_us"))
    if not measured:
        return None
    with style.applied():
        canvas = grouped.canvas(len(measured), len(JOINED))
        axes = canvas.subplots(1, len(PANELS), sharey=True)
        for ax, (key, title) in zip(axes, PANELS.items(), strict=True):
            found = [summary.medians(f"nodes_{case}_{key}") for case in JOINED]
            grouped.panel(ax, measured, found, title)
            ax.locator_params(axis="x", nbins=4)
        grouped.rows(axes[0], measured)
        grouped.legend(axes[0], [nodes_title(case) for case in JOINED])
        note = "CPU of all nodes, without Redis's · 16 messages in flight · shorter is better"
        style.frame(canvas, "What a delivery costs on joined nodes", note)
    return canvas
