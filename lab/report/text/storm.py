"""The advice that a storm gives: how long clients wait before they come back."""

from __future__ import annotations

from statistics import median

from lab.measure.figures.storm import BACK_OFFS, SPAN_MS
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import summarise

MANY = 10_000
"""The clients for whom the window is computed."""
SHARE = 0.5
"""The share of a core that they may take while they come back."""


def sentence(run: Run) -> str | None:
    """One sentence: the calmest back-off, and the window for many clients; None without a storm."""
    summary = summarise(run)
    busiest = {each: summary.medians(f"storm_{each}_busiest") for each in BACK_OFFS}
    each_ms = summary.medians("storm_cpu_ms")
    if not each_ms or not all(busiest.values()):
        return None
    shares = {measure: median(found.values()) for measure, found in busiest.items()}
    calm, wild = (choose(shares, key=lambda it: shares[it]) for choose in (min, max))
    calm_share, wild_share = (formatting.number(shares[it]) for it in (calm, wild))
    cheap, dear = (choose(each_ms, key=lambda it: each_ms[it]) for choose in (min, max))
    short, long = (formatting.number(each_ms[it] / 1000 * MANY / SHARE) for it in (cheap, dear))
    return (
        f"Give each client {BACK_OFFS[calm].title} before each attempt: the server's busiest "
        f"{SPAN_MS} ms then took {calm_share} % of a core, and {wild_share} % with "
        f"{BACK_OFFS[wild].title} (medians of the transports). For {formatting.number(MANY)} "
        f"clients at half of a core, a random pause is up to {short} s ({cheap}) to {long} s "
        f"({dear})."
    )
