"""The parts of docs/scaling.md that quote the committed run of `lab cluster --costs`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from lab.cluster import prediction
from lab.cluster.prediction import NODES, Passes, basis, outcome, per_s, placement

RUN = Path(__file__).parent.parent / "results" / prediction.RUN
ROWS: dict[str, Callable[[Any], float]] = {
    "to a member at the same node, p50": lambda it: it["local_us"],
    "to a member at another node, p50": lambda it: it["remote_us"],
    "CPU: a message of its own member, alone in its room": lambda it: it["costs"]["said"],
    "CPU: a message of another node, no member here": lambda it: it["costs"]["foreign"],
    "CPU: a message of another node, one member here": lambda it: it["costs"]["concerned"],
}
"""Row -> its figure in µs, of one pass."""
EXACT = 0.0005
"""Up to this difference a predicted share is exact."""


BEFORE = """\
This run was made before nodes were warmed up and the factor was measured. So its prediction is too
low, and its rates are upper bounds.
"""
"""Of a run without `mixing`."""


def _run() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RUN.read_text(encoding="utf-8"))
    return found


def measured(run: dict[str, Any] | None = None) -> str:
    """What each transport costs: the median of the passes, and their range, in µs."""
    run = run or _run()
    found: Passes = run["passes"]
    lines = [
        f"{_made(run)}\n",
        f"| µs | {' | '.join(f'`{name}`' for name in found)} |",
        "|---|" + "---:|" * len(found),
    ]
    for row, figure in ROWS.items():
        cells = (_spread(sorted(map(figure, each))) for each in found.values())
        lines.append(f"| {row} | {' | '.join(cells)} |")
    shares = ", ".join(f"{_foreign(each):.0%} (`{name}`)" for name, each in found.items())
    lines.append(
        "\nWhat a message costs a node without a member in its room, as a share of what it costs "
        f"one with a member: {shares}."
    )
    return "\n".join(lines) + "\n"


def _made(run: dict[str, Any]) -> str:
    """When, where and how it was measured; an older run says neither its date nor its machine."""
    machine = run.get("environment", {}).get("machine", {})
    where = f" on {machine['cpu']} with {machine['cores']} cores" if machine else ""
    when = f" on {run['date']}" if "date" in run else ""
    passes = len(next(iter(run["passes"].values())))
    return (
        f"Measured{when} by `lab cluster --nodes {run['nodes']} --costs costs.json`{where}, "
        f"settings `equal`, texts of 32 B: the median of {passes} interleaved passes, with the "
        "lowest and the highest. All nodes and the clients share the cores."
    )


def _spread(figures: list[float]) -> str:
    return f"{median(figures):,.0f} ({figures[0]:,.0f} to {figures[-1]:,.0f})"


def _foreign(each: Sequence[Any]) -> float:
    return float(median(it["costs"]["foreign"] / it["costs"]["concerned"] for it in each))


def predicted() -> str:
    """What the model predicts for the report's case: messages a second, and wasted reads."""
    found: Passes = _run()["passes"]
    names = " | ".join(f"`{name}`" for name in found)
    lines = [f"| nodes | wasted reads | {names} |", "|---:|---:|" + "---:|" * len(found)]
    rates = {}
    for nodes in NODES:
        where = placement(nodes)
        rates[nodes] = [per_s(each, where) for each in found.values()]
        cells = " | ".join(f"{rate:,.0f}" for rate in rates[nodes])
        lines.append(f"| {nodes} | {where.wasted():.0%} | {cells} |")
    more = ", ".join(f"{nodes} nodes {_times(rates[nodes], rates[1])}" for nodes in NODES[2:])
    lines.append(f"\nThey carry so many times the messages of one node: {more}.")
    return "\n".join(lines) + "\n"


def _times(rates: Sequence[float], alone: Sequence[float]) -> str:
    times = [rate / one for rate, one in zip(rates, alone, strict=True)]
    return f"{min(times):.1f} to {max(times):.1f}"


def errors(run: dict[str, Any] | None = None) -> str:
    """How far the prediction was from what real nodes took, in a list."""
    run = run or _run()
    nodes, found = run["nodes"], run["passes"]
    lines = [
        f"CPU time of a node for any message, for 12 rooms of 3 on {nodes} real nodes, predicted "
        f"from {basis(nodes)}:\n\n",
        *(f"- `{name}`: {outcome(each)}\n" for name, each in found.items()),
        f"\n{_reads([it for each in found.values() for it in each])}\n",
        _mixed(found) if prediction.is_mixed(found) else BEFORE,
    ]
    return "".join(lines)


def _reads(passes: Sequence[Any]) -> str:
    off = max(abs(it["predicted_wasted"] - it["found_wasted"]) for it in passes)
    exact = "exact" if off < EXACT else f"off by up to {100 * off:.1f} percentage points"
    return f"The predicted share of wasted reads was {exact}."


def _mixed(found: Passes) -> str:
    factors = [median(it["mixing"] for it in each) for each in found.values()]
    return (
        f"On fewer nodes the mixture of rooms has cost {min(factors):.2f} to {max(factors):.2f} "
        "times the sum of its parts, and the prediction is multiplied by it.\n"
    )
