"""What a run says of joined nodes in two sentences."""

from __future__ import annotations

from lab.measure.figures.nodes import CASES, FAR, ROOMS, SPREAD, nodes_title
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import Summary, summarise

SATURATED = 0.9
"""From this share of all cores on, they count as saturated."""


def sentence(run: Run) -> str | None:
    """What joined nodes cost, and which side was saturated; None for a run without them."""
    summary = summarise(run)
    times = summary.medians(f"nodes_{FAR}_{ROOMS[-1]}_times")
    if not times:
        return None
    added = summary.medians("nodes_added_p50_us")
    wasted = summary.medians(f"nodes_{SPREAD[-1]}_wasted")
    return (
        f"Over {nodes_title(FAR)} a delivery to a room of {ROOMS[-1]} costs {_range(times, '×')} "
        f"the CPU of a node alone, and the backplane adds {_range(added, ' µs')} (p50). With "
        f"{nodes_title(SPREAD[-1])}, {_range(wasted, ' %')} of the reads are wasted. "
        f"{_saturated(run, summary)}"
    )


def _saturated(run: Run, summary: Summary) -> str:
    cores = run.environment["machine"]["cores"]
    used = [share for case in CASES for share in summary.medians(f"nodes_{case}_used").values()]
    share = max(used) / cores
    where = f"Nodes, Redis and load share {cores} cores, of which up to {share:.0%} were in use"
    if share < SATURATED:
        return f"{where}: none was saturated."
    return f"{where}: they were saturated, so compare the CPU time and not the rates."


def _range(found: dict[str, float], unit: str) -> str:
    """The lowest and the highest, each with its transport."""
    least, most = (choose(found, key=lambda it: found[it]) for choose in (min, max))
    if least == most:
        return f"{formatting.number(found[least])}{unit} ({least})"
    return (
        f"{formatting.number(found[least])} ({least}) to "
        f"{formatting.number(found[most])}{unit} ({most})"
    )
