"""Predicts many nodes from a recorded run of `lab cluster --costs`: the case of the open report.

1,000 rooms of 10 are on the nodes, and their members are placed at random.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from lab.cluster.model import Costs, Placement, placed

RUN = Path("nodes", "costs.json")
"""The lab's own run, in its folder of results."""
ROOMS, MEMBERS, SEED = 1000, 10, 0
NODES = (1, 2, 4, 10, 100)

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
