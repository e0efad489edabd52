"""Predicts many nodes from a recorded run of `lab cluster --costs`: the case of the open report.

1,000 rooms of 10 are on the nodes, and their members are placed at random.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from lab.cluster.model import CALIBRATED, Costs, Placement, placed

RUN = Path("nodes", "costs.json")
"""The lab's own run, in its folder of results."""
ROOMS, MEMBERS, SEED = 1000, 10, 0
NODES = (1, 2, 4, 10, 100)
TOLERANCE = 0.15
"""How far off a prediction may be, as a share of what was found."""

Passes = Mapping[str, Sequence[Any]]
"""Transport -> its passes, as `lab cluster --costs` has written them."""


def passes(file: Path) -> Passes:
    """Read the passes of a run."""
    found: Passes = json.loads(file.read_text(encoding="utf-8"))["passes"]
    return found


def is_mixed(found: Passes) -> bool:
    """Whether it was measured what a mixture of rooms costs; an older run has no such factor."""
    return all("mixing" in it for each in found.values() for it in each)


def placement(nodes: int) -> Placement:
    """The rooms of the report on so many nodes."""
    return placed(ROOMS, MEMBERS, nodes, SEED)


def per_s(each: Sequence[Any], where: Placement, wasted: bool = True) -> float:
    """How many messages a second, over all rooms, fill one core a node.

    `wasted` False: as if a message cost nothing where it has no member.
    """
    names = ("said", "foreign", "concerned", "more")
    costs = Costs(**{name: median(it["costs"][name] for it in each) for name in names})
    mixing = float(median(it.get("mixing", 1.0) for it in each))
    return 1e6 / mixing / where.cpu_us(costs if wasted else replace(costs, foreign=0))


class Outcome(NamedTuple):
    """What was predicted for one library and what was found: medians of the passes.

    `predicted_us`, `found_us`: CPU time of a node for a message of any member. `off`: by which
    share of what was found the prediction is too high, in the passes of one run; negative: too low.
    """

    predicted_us: float
    found_us: float
    off: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """Whether the prediction is within `TOLERANCE`, if all passes agree on it."""
        close = {abs(each) <= TOLERANCE for each in self.off}
        if len(close) > 1:
            return f"undecided: passes lie on both sides of {TOLERANCE:.0%}"
        return f"{'within' if close == {True} else 'not within'} {TOLERANCE:.0%}"

    def __str__(self) -> str:
        least, most = min(self.off), max(self.off)
        return (
            f"predicted {self.predicted_us:,.0f} µs, found {self.found_us:,.0f} µs: off by "
            f"{median(self.off):+.0%} ({least:+.0%} to {most:+.0%}), {self.verdict}"
        )


def outcome(each: Sequence[Any]) -> Outcome:
    """Compare what the passes of one library predicted with what they found."""
    return Outcome(
        median(it["predicted_us"] for it in each),
        median(it["found_us"] for it in each),
        tuple(it["predicted_us"] / it["found_us"] - 1 for it in each),
    )


def basis(nodes: int) -> str:
    """From how many nodes so many are predicted, in words."""
    return " and ".join(str(it) for it in CALIBRATED if it < nodes) or str(CALIBRATED[0])
