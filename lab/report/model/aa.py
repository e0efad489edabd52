"""Evaluates A/A runs: how often the lab claims a difference between equal servers.

The summary makes the comparisons. In a run with a planted slowdown the difference is known, and the
comparisons must find it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec

from lab.measure.figures import BY_KEY
from lab.measure.replicas import original
from lab.measure.stats import Comparison
from lab.report.model.cells import FigureSummary

EXPECTED = 0.05
"""The largest share of false claims that 95 % intervals make."""
TOLERATED_IN = (3, 40)
"""This many claims, among this many comparisons, are tolerated as chance."""
PLANTED_FIGURE = BY_KEY["server_cpu_us_per_delivery_100"]
"""The figure in which a planted slowdown must be found."""


class Same(msgspec.Struct, frozen=True):
    """One figure of a transport, compared with the same figure of its replica."""

    figure: str
    transport: str
    comparison: Comparison

    @property
    def claims(self) -> bool:
        """Whether the verdict is that they differ."""
        return self.comparison.verdict in ("faster", "slower")


class AgainstItself(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an A/A run.

    `planted`: replica -> ns per delivery by which it was slowed down. `found`: the replicas that
    the run called slower in `PLANTED_FIGURE`. `fault`: what this run shows to be wrong with the
    lab, or None.
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
        """The result as a sentence."""
        if not self.comparisons:
            return "too few passes to compare a transport with itself"
        if self.planted:
            missed = [replica for replica in self.planted if replica not in self.found]
            said = (
                f"slowdowns planted into {len(self.planted)} transports, found in {len(self.found)}"
            )
            return f"{said}; not in {', '.join(map(original, missed))}" if missed else said
        return (
            f"over {self.comparisons} comparisons of a transport with itself, {self.claims} claim "
            f"a difference (expected: at most {EXPECTED:.0%}, {EXPECTED * self.comparisons:.1f}; "
            f"tolerated: {self.tolerated})"
        )


def against_itself(
    figures: Iterable[FigureSummary], planted: Mapping[str, int]
) -> AgainstItself | None:
    """Evaluate a run's comparisons. None for a run without replicas."""
    pairs = [
        Same(figure.key, original(cell.transport), cell.against_itself)
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
        pair.transport
        for pair in judged
        if pair.figure == PLANTED_FIGURE.key and pair.comparison.verdict == "slower"
    }
    found = [replica for replica in planted if original(replica) in slower]
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
        return None  # too few passes for any verdict; `_warnings` reports that
    if planted:
        missed = [original(replica) for replica in planted if replica not in found]
        return f"a planted slowdown was not found: {', '.join(missed)}" if missed else None
    if claims <= tolerated:
        return None
    return (
        f"{claims} of {comparisons} comparisons of a transport with itself claim a difference, "
        f"more than the {tolerated} tolerated: the machine was not quiet, or the "
        "lab's verdicts can't be trusted on it"
    )
