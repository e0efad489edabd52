"""Draws what compression saves and costs, by kind of text, beside the same without it."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure as Canvas

from lab.measure.figures.compression import SIZES, TEXTS, key
from lab.measure.replicas import is_variant, original
from lab.record import BY_KEY, Run
from lab.record.paired import paired
from lab.report.pictures import grouped, style

SIZE = SIZES[1]
"""The size of the texts that are drawn; the tables have all."""


def compression(run: Run) -> Canvas | None:
    """Bytes and CPU of the first transport that is compressed; None without such a run."""
    first = next((original(label) for label in run.transports if is_variant(label)), None)
    labels = [label for label in run.transports if is_variant(label) and original(label) == first]
    panels = {quantity: _ratios(run, labels, quantity) for quantity in ("bytes", "both")}
    if not any(panels["bytes"].values()):
        return None
    with style.applied():
        canvas = grouped.canvas(len(TEXTS), len(labels))
        axes = canvas.subplots(1, 2, sharey=True)
        across = "bytes of a delivery, off = 1", "CPU of server and clients, off = 1"
        for ax, values, title in zip(axes, panels.values(), across, strict=True):
            grouped.panel(ax, TEXTS, list(values.values()), title)
            ax.axvline(1, color=style.INK, lw=1)
        grouped.rows(axes[0], list(TEXTS))
        grouped.legend(axes[0], [label.partition("+")[2] for label in labels])
        note = f"{first} · texts of {SIZE} B · one message in flight, room of 4 · shorter is better"
        style.frame(canvas, "What compression saves and costs depends on the text", note)
    return canvas


def _ratios(run: Run, labels: Sequence[str], quantity: str) -> dict[str, dict[str, float]]:
    """Label -> kind of text -> how many times what it takes without compression."""
    found = {}
    for label in labels:
        figures = {kind: BY_KEY[key(quantity, kind, SIZE)] for kind in TEXTS}
        each = {kind: paired(run, label, it, original(label)) for kind, it in figures.items()}
        if ratios := {kind: one.ratio for kind, one in each.items() if one}:
            found[label] = ratios
    return found
