"""Wires measured against themselves: how often this lab claims a difference where there is none.

Between the summary, whose comparisons these are, and the tables. In a run with a planted slowdown
it is the other way round: there the difference is known, and has to be found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec
from rich import box
from rich.markup import escape
from rich.table import Table

from lab.measure.figures import BY_KEY
from lab.measure.stats import Comparison
from lab.measure.twins import original
from lab.report import words

if TYPE_CHECKING:
    from lab.report.summary import FigureSummary

EXPECTED = 0.05
"""The share of false claims that a 95 % interval makes, at most."""
TOLERATED_IN = (3, 40)
"""Claims, among comparisons: more are not blamed on chance."""
PLANTED_FIGURE = BY_KEY["server_cpu_us_per_delivery_100"]
"""In which a planted slowdown is measured out, and has to be found."""


class Same(msgspec.Struct, frozen=True):
    """One figure of a wire, compared with the same figure of its twin."""

    figure: str
    wire: str
    comparison: Comparison

    @property
    def claims(self) -> bool:
        """Whether it says that they differ."""
        return self.comparison.verdict in ("faster", "slower")


class AgainstItself(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    `planted`: twin -> ns per delivery by which it was slowed down; `found`: those of them that the
    run called slower in `PLANTED_FIGURE`. `fault` is what is wrong with the lab, by this run; None
    where nothing is.
    """

    pairs: list[Same]
    comparisons: int
    claims: int
    tolerated: int
    planted: dict[str, int]
    found: list[str]
    fault: str | None

    @property
    def verdict(self) -> str:
        """In a sentence."""
        if not self.comparisons:
            return "too few passes to compare a wire with itself"
        if self.planted:
            missed = [twin for twin in self.planted if twin not in self.found]
            said = f"slowdowns planted into {len(self.planted)} wires, found in {len(self.found)}"
            return f"{said}; not in {', '.join(map(original, missed))}" if missed else said
        return (
            f"over {self.comparisons} comparisons of a wire with itself, {self.claims} claim a "
            f"difference (expected: at most {EXPECTED:.0%}, {EXPECTED * self.comparisons:.1f}; "
            f"tolerated: {self.tolerated})"
        )


def of(figures: Iterable[FigureSummary], planted: Mapping[str, int]) -> AgainstItself | None:
    """The outcome; None for a run without twins."""
    pairs = [
        Same(figure.key, original(cell.wire), cell.against_itself)
        for figure in figures
        for cell in figure.cells.values()
        if cell.against_itself is not None
    ]
    if not pairs and not planted:
        return None
    judged = [pair for pair in pairs if pair.comparison.verdict != "too few passes"]
    claims = sum(pair.claims for pair in judged)
    at_least, among = TOLERATED_IN
    tolerated = max(at_least, math.floor(len(judged) * at_least / among))
    slower = {
        pair.wire
        for pair in judged
        if pair.figure == PLANTED_FIGURE.key and pair.comparison.verdict == "slower"
    }
    found = [twin for twin in planted if original(twin) in slower]
    return AgainstItself(
        pairs=pairs,
        comparisons=len(judged),
        claims=claims,
        tolerated=tolerated,
        planted=dict(planted),
        found=found,
        fault=_fault(len(judged), claims, tolerated, planted, found),
    )


def _fault(
    comparisons: int, claims: int, tolerated: int, planted: Mapping[str, int], found: list[str]
) -> str | None:
    if not comparisons:
        return None  # too few passes for any verdict: that is said elsewhere
    if planted:
        missed = [original(twin) for twin in planted if twin not in found]
        return f"a planted slowdown was not found: {', '.join(missed)}" if missed else None
    if claims <= tolerated:
        return None
    return (
        f"{claims} of {comparisons} comparisons of a wire with itself claim a difference, more "
        f"than the {tolerated} tolerated: the machine was not quiet, or the lab's verdicts are not "
        "to be trusted on it"
    )


def table(outcome: AgainstItself, figures: Iterable[FigureSummary]) -> Table:
    """A row for each figure and wire: the twin's ratio to the original, and the verdict."""
    titles = {figure.key: figure.title for figure in figures}
    found = Table(
        title="Each wire against itself",
        title_justify="left",
        title_style="bold underline",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    found.add_column("")
    found.add_column("ratio [95 % interval]", justify="right")
    found.add_column("verdict")
    above = None
    for pair in outcome.pairs:
        if pair.figure != above:
            found.add_section()
            found.add_row(f"[bold]{titles[pair.figure]}[/]")
            above = pair.figure
        style = "yellow" if pair.claims else "default"
        verdict = f"[{style}]{pair.comparison.verdict}[/]"
        found.add_row(f"  {escape(pair.wire)}", escape(words.ratio(pair.comparison)), verdict)
    return found
