"""Draws how clients come back after a restart, by transport and back-off."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from lab.measure.figures.storm import BACK_OFFS, CALM, EXPERIMENT, SPAN_MS, BackOff
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import summarise
from lab.report.pictures import grouped, style

PANELS = {
    "all_s": "from the kill until all are in, s",
    "busiest": f"server's busiest {SPAN_MS} ms, % of a core",
    "failed": "failed attempts of a client",
}


def storm(run: Run) -> Canvas | None:
    """Time, CPU and failed attempts, beside each other; None without a storm."""
    summary = summarise(run)
    measured = list(summary.medians(f"storm_{CALM}_all_s"))
    if not measured:
        return None
    with style.applied():
        canvas = grouped.canvas(len(measured), len(BACK_OFFS))
        axes = canvas.subplots(1, len(PANELS), sharey=True)
        for ax, (key, title) in zip(axes, PANELS.items(), strict=True):
            found = [summary.medians(f"storm_{measure}_{key}") for measure in BACK_OFFS]
            grouped.panel(ax, measured, found, title)
        axes[-1].set_xscale("symlog", linthresh=1)
        axes[-1].xaxis.set_major_formatter(style.PLAIN)
        grouped.rows(axes[0], measured)
        grouped.legend(axes[0], [_name(back_off) for back_off in BACK_OFFS.values()])
        note = f"{_clients(run)} clients · the pause is before each attempt, "
        note += "and random where it begins at 0 · failed attempts: logarithmic above 1"
        style.frame(canvas, "How clients come back when their server was restarted", note)
    return canvas


def _clients(run: Run) -> str:
    counts = (each.extra_info for one in run.passes.values() for each in one.benchmarks)
    return formatting.exact(
        float(next(it.expected for it in counts if it.experiment == EXPERIMENT))
    )


def _name(back_off: BackOff) -> str:
    return f"pause {back_off.short}" if back_off.window_ms else back_off.short
