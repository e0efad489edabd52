"""Compares two runs figure by figure, and judges them together against a tolerance."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from lab.measure import stats
from lab.measure.stats import FEWEST_PASSES, Comparison
from lab.measure.tolerance import EXIT_CODES, Judged, Outcome, judge, overall
from lab.record import FIGURES, Difference, Figure, Run, unlike
from lab.report.model.cells import Cell
from lab.report.model.summary import NO_SOCKET, Summary, summarise

SCHEMA = 1
"""The version of the JSON document."""
UNLIKE = "unlike"
"""The verdict on runs whose machines, settings or workloads differ."""


class Row(NamedTuple):
    """One figure of one transport on both sides.

    If `comparison` is None, `why` has the reason. `judged` is None where the figure takes no part
    in the verdict: it is counted, or has no ratio, or is missing on the baseline.
    """

    figure: Figure
    transport: str
    candidate: Cell
    baseline: Cell
    comparison: Comparison | None
    why: str
    judged: Judged | None = None


class Compared(NamedTuple):
    """Two sides, compared and judged. `differences`: what else differs between them."""

    candidate: str
    baseline: str
    tolerance_percent: float
    rows: list[Row]
    differences: list[Difference]

    @property
    def outcome(self) -> Outcome:
        """The verdict on all judged figures together."""
        return overall(row.judged.outcome for row in self.rows if row.judged)

    @property
    def exit_code(self) -> int:
        """0: no slower, 1: slower, 2: can't tell."""
        return EXIT_CODES[self.outcome]

    def of(self, outcome: Outcome) -> list[Row]:
        """The rows with this outcome."""
        return [row for row in self.rows if row.judged and row.judged.outcome == outcome]

    @property
    def passes_needed(self) -> int | None:
        """The passes that would settle the unclear figures. None if one would need too many."""
        needed = [row.judged.passes_needed for row in self.of("can't tell") if row.judged]
        known = [passes for passes in needed if passes is not None]
        return max(known) if known and len(known) == len(needed) else None


def compare(candidate: Run, baseline: Run, tolerance_percent: float) -> Compared:
    """Compare and judge every figure of every transport that both runs have."""
    ours, theirs = summarise(candidate), summarise(baseline)
    transports = [name for name in candidate.transports if name in baseline.transports]
    rows = list(_rows(ours, theirs, transports))
    return Compared(
        candidate.id,
        baseline.id,
        tolerance_percent,
        judged(rows, tolerance_percent),
        unlike(candidate, baseline),
    )


def judged(rows: Iterable[Row], tolerance_percent: float) -> list[Row]:
    """The rows with their outcomes. All comparisons that take part are judged together."""
    found = list(rows)
    places = [place for place, row in enumerate(found) if _takes_part(row)]
    pairs = [
        (row.comparison, row.figure.lower_is_better)
        for place in places
        if (row := found[place]).comparison is not None
    ]
    for place, outcome in zip(places, judge(pairs, tolerance_percent), strict=True):
        found[place] = found[place]._replace(judged=outcome)
    return [_lost(row) for row in found]


def document(compared: Compared) -> dict[str, Any]:
    """The JSON document of a comparison."""
    return {
        "schema": SCHEMA,
        "verdict": compared.outcome,
        "exit_code": compared.exit_code,
        "tolerance_percent": compared.tolerance_percent,
        "candidate": compared.candidate,
        "baseline": compared.baseline,
        "passes_needed": compared.passes_needed,
        "differences": differences(compared.differences),
        "figures": [_entry(row) for row in compared.rows],
    }


def differences(found: Sequence[Difference]) -> list[dict[str, str]]:
    """What differs between two runs, as JSON."""
    return [each._asdict() for each in found]


def _entry(row: Row) -> dict[str, Any]:
    found, outcome = row.comparison, row.judged
    return {
        "figure": row.figure.key,
        "title": row.figure.title,
        "unit": row.figure.unit,
        "lower_is_better": row.figure.lower_is_better,
        "transport": row.transport,
        "candidate": row.candidate.interval.median if row.candidate.interval else None,
        "baseline": row.baseline.interval.median if row.baseline.interval else None,
        "ratio": found.ratio if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "passes": found.passes if found else None,
        "outcome": outcome.outcome if outcome else None,
        "passes_needed": outcome.passes_needed if outcome else None,
        "why": row.why or None,
    }


def _takes_part(row: Row) -> bool:
    return row.comparison is not None and row.figure.ratio and not row.figure.counted


def _lost(row: Row) -> Row:
    """A figure that only the candidate lost is no reason to pass it."""
    void, other = (_is_void(cell) for cell in (row.candidate, row.baseline))
    if void and not other:
        return row._replace(judged=Judged(outcome="can't tell"))
    return row


def _is_void(cell: Cell) -> bool:
    return (cell.mark or "").startswith("void")


def _rows(ours: Summary, theirs: Summary, transports: list[str]) -> Iterator[Row]:
    for figure in FIGURES:
        one, other = ours.figure(figure.key), theirs.figure(figure.key)
        for transport in transports if one and other else ():
            assert one is not None and other is not None
            yield row(
                figure,
                one.cells[transport],
                other.cells[transport],
                stats.unpaired_ratio,
                f"{ours.run} {theirs.run}",
            )


def row(figure: Figure, one: Cell, other: Cell, compared: stats.Compare, seed: str) -> Row:
    """Compare a figure of two sides, by `stats.paired_ratio` or `unpaired_ratio`."""
    marks = [cell.mark for cell in (one, other) if cell.mark and cell.transport != NO_SOCKET]
    if marks:
        return Row(figure, one.transport, one, other, None, " and ".join(dict.fromkeys(marks)))
    values = [list(cell.values.values()) for cell in (one, other)]
    if not all(values) or min(map(min, values)) <= 0:
        return Row(figure, one.transport, one, other, None, "")
    found = compared(
        *values,
        lower_is_better=figure.lower_is_better,
        seed=zlib.crc32(f"{seed} {one.transport} {figure.key}".encode()),
    )
    return Row(figure, one.transport, one, other, found, "")


def reason(row: Row) -> str:
    """Why a row has no clear outcome, and what would help."""
    if row.why:
        return row.why
    if row.comparison is not None and row.comparison.low is None:
        return f"{row.comparison.passes} passes, and an interval needs {FEWEST_PASSES}"
    needed = row.judged.passes_needed if row.judged else None
    if needed is None:
        return "too near to the tolerance for any number of passes"
    return f"too noisy: about {needed} passes would tell"
