"""All figures, as data: how tables and pictures derive a number from raw counts.

A new figure is one more entry in one of these lists. Nothing else names the figures.
"""

from __future__ import annotations

from lab.measure.figures.compression import COMPRESSION
from lab.measure.figures.cost import COST
from lab.measure.figures.counted import COUNTED
from lab.measure.figures.counts import Counts, Workload, count
from lab.measure.figures.decomposition import DECOMPOSITION
from lab.measure.figures.durability import DURABILITY
from lab.measure.figures.figure import Figure
from lab.measure.figures.harness import HARNESS
from lab.measure.figures.link import LINK
from lab.measure.figures.loss import LOSS
from lab.measure.figures.nodes import JOINED
from lab.measure.figures.open_loop import OPEN_LOOP
from lab.measure.figures.proxies import PROXIED
from lab.measure.figures.race import RACE
from lab.measure.figures.scenario import SCENARIO
from lab.measure.figures.storm import STORM
from lab.measure.figures.timed import TIMED

__all__ = ["BY_KEY", "FIGURES", "Counts", "Figure", "Workload", "count"]

FIGURES: tuple[Figure, ...] = (
    *TIMED,
    *DECOMPOSITION,
    *COUNTED,
    *OPEN_LOOP,
    *COST,
    *COMPRESSION,
    *HARNESS,
    *RACE,
    *SCENARIO,
    *LOSS,
    *LINK,
    *DURABILITY,
    *STORM,
    *JOINED,
    *PROXIED,
)
BY_KEY = {figure.key: figure for figure in FIGURES}
