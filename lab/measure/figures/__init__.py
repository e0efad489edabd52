"""The figures as data: between a benchmark's raw counts and every table, plot and comparison.

A new figure is one more entry in one of the lists here; nothing else names them.
"""

from __future__ import annotations

from lab.measure.figures.cost import COST
from lab.measure.figures.counted import COUNTED
from lab.measure.figures.decomposition import DECOMPOSITION
from lab.measure.figures.figure import Counts, Figure
from lab.measure.figures.harness import HARNESS
from lab.measure.figures.open_loop import OPEN_LOOP
from lab.measure.figures.race import RACE
from lab.measure.figures.timed import TIMED

__all__ = ["BY_KEY", "FIGURES", "Counts", "Figure"]

FIGURES: tuple[Figure, ...] = (
    *TIMED,
    *DECOMPOSITION,
    *COUNTED,
    *OPEN_LOOP,
    *COST,
    *HARNESS,
    *RACE,
)
BY_KEY = {figure.key: figure for figure in FIGURES}
