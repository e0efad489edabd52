"""The tables of docs/scaling.md, from the committed run of `lab cluster --costs`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from lab.cluster import prediction
from lab.cluster.prediction import NODES, Passes, per_s, placement

RUN = Path(__file__).parent.parent / "results" / prediction.RUN
ROWS: dict[str, Callable[[Any], float]] = {
    "to a member at the same node, p50": lambda it: it["local_us"],
    "to a member at another node, p50": lambda it: it["remote_us"],
    "CPU: a message of its own member, alone in its room": lambda it: it["costs"]["said"],
    "CPU: a message of another node, no member here": lambda it: it["costs"]["foreign"],
    "CPU: a message of another node, one member here": lambda it: it["costs"]["concerned"],
}
"""Row -> its figure in µs, of one pass."""


BEFORE = """\
This run was made before nodes were warmed up and the factor was measured. So its prediction is too
low, and its rates are upper bounds.
"""
"""Of a run without `mixing`."""


def _passes() -> Passes:
    return prediction.passes(RUN)


def measured() -> str:
    """What each transport costs: the median of the passes, and their range, in µs."""
    found = _passes()
    lines = [
        f"| µs | {' | '.join(f'`{name}`' for name in found)} |",
        "|---|" + "---:|" * len(found),
    ]
    for row, figure in ROWS.items():
        cells = (_spread(sorted(map(figure, each))) for each in found.values())
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _spread(figures: list[float]) -> str:
    return f"{median(figures):,.0f} ({figures[0]:,.0f} to {figures[-1]:,.0f})"


def predicted() -> str:
    """What the model predicts for the report's case: messages a second, and wasted reads."""
    found = _passes()
    names = " | ".join(f"`{name}`" for name in found)
    lines = [f"| nodes | wasted reads | {names} |", "|---:|---:|" + "---:|" * len(found)]
    for nodes in NODES:
        where = placement(nodes)
        cells = " | ".join(f"{per_s(each, where):,.0f}" for each in found.values())
        lines.append(f"| {nodes} | {where.wasted():.0%} | {cells} |")
    return "\n".join(lines) + "\n"


def errors() -> str:
    """How far the prediction was from what real nodes took, in a list."""
    run = json.loads(RUN.read_text(encoding="utf-8"))
    lines = [
        f"How far the prediction is off, for 12 rooms of 3 on {run['nodes']} real nodes, as a "
        "share of the CPU time that they took:\n\n"
    ]
    for name, each in _passes().items():
        off = sorted(it["predicted_us"] / it["found_us"] - 1 for it in each)
        lines.append(f"- `{name}`: {median(off):+.0%} ({off[0]:+.0%} to {off[-1]:+.0%})\n")
    if not prediction.is_mixed(run["passes"]):
        lines.append("\n" + BEFORE)
    return "".join(lines)
