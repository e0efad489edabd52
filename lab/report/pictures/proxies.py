"""Draws what each proxy adds to a direct connection, by transport."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from lab.measure.figures.proxies import PROXIES
from lab.record import Run
from lab.report.model.summary import summarise
from lab.report.pictures import grouped, style

PANELS = {
    "p50_us": "RTT, p50, µs",
    "p99_us": "RTT, p99, µs",
    "handshake_bytes": "handshake, B",
    "message_bytes": "message, B",
}


def proxies(run: Run) -> Canvas | None:
    """Time and bytes that the proxies add, beside each other; None without a proxy."""
    summary = summarise(run)
    measured = list(summary.medians("proxies_direct_p50_us"))
    if not measured:
        return None
    with style.applied():
        canvas = grouped.canvas(len(measured), len(PROXIES))
        axes = canvas.subplots(1, len(PANELS), sharey=True)
        for ax, (key, title) in zip(axes, PANELS.items(), strict=True):
            found = [summary.medians(f"proxies_{proxy}_added_{key}") for proxy in PROXIES]
            grouped.panel(ax, measured, found, title)
            ax.set_xlim(auto=True)  # a proxy may also take something away
            ax.axvline(0, color=style.INK, lw=1)
            ax.locator_params(axis="x", nbins=4)
        grouped.rows(axes[0], measured)
        grouped.legend(axes[0], PROXIES)
        note = "one message in flight · bytes between the client and the proxy · shorter is better"
        style.frame(canvas, "What a proxy adds to a direct connection", note)
    return canvas
