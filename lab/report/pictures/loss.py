"""Draws what lost packets delay: a message's own round trip, and the message of another room."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from lab.record import Run
from lab.report.model.summary import summarise
from lab.report.pictures import bars
from lab.report.pictures.bars import Panel

PANELS = (
    *(
        Panel(
            f"Round trip, {percent} % lost",
            "ms",
            ((f"loss_{percent}_p50_ms", "p50"), (f"loss_{percent}_p99_ms", "p99")),
            "At p99, {transport} takes {ratio}× as long as {baseline}",
        )
        for percent in (5, 15)
    ),
    Panel(
        "Behind another room's loss",
        "ms, one way",
        (
            ("behind_apart_p50_ms", "another connection"),
            ("behind_shared_p50_ms", "the same"),
        ),
        "On the same, {transport} takes {ratio}× as long as {baseline}",
    ),
)


def loss(run: Run) -> Canvas | None:
    """Three panels for each transport; None for a run without the experiment."""
    summary = summarise(run)
    if not any(summary.figure(key) for panel in PANELS for key, _ in panel.bars):
        return None
    title = "What a lost packet delays"
    note = (
        f"medians over {summary.passes} passes · link of 10 ms each way, which loses in both "
        "directions · shorter is better"
    )
    return bars.draw(PANELS, summary, run.transports, title, note)
