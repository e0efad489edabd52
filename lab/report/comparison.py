"""Two runs side by side: which of their figures truly differ, and which only look as if."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.measure import stats
from lab.measure.stats import Comparison
from lab.record import FIGURES, Figure, Run
from lab.report import summary as summary_
from lab.report import words
from lab.report.summary import FLOOR, Cell, Summary
from lab.report.tables import VERDICT_STYLES, heading


class Row(NamedTuple):
    """One figure of one wire in both runs. Where `comparison` is None, `why` says why."""

    figure: Figure
    wire: str
    candidate: Cell
    baseline: Cell
    comparison: Comparison | None
    why: str


def of(candidate: Run, baseline: Run) -> list[Row]:
    """Every figure of every wire that both runs have, the candidate's against the baseline's."""
    ours, theirs = summary_.of(candidate), summary_.of(baseline)
    return list(_rows(ours, theirs, [w for w in candidate.wires if w in baseline.wires]))


def show(candidate: Run, baseline: Run, console: Console) -> None:
    """Print what differs, then what doesn't, then what can't be compared."""
    rows = of(candidate, baseline)
    console.print(f"{heading(candidate)}\nagainst\n{heading(baseline)}", style="bold")
    differing = [r for r in rows if r.comparison and r.comparison.verdict in ("faster", "slower")]
    alike = [r for r in rows if r.comparison and r not in differing]
    if differing:
        console.print(_table("These figures differ", differing))
    else:
        console.print("No figure differs detectably.")
    if alike:
        console.print(_table("These do not, as far as the passes can tell", alike))
    for row in rows:
        if row.comparison is None and row.why:
            what = f"{row.figure.title} of {escape(row.wire)}"
            console.print(f"[dim]not compared:[/] {what}: {escape(row.why)}", highlight=False)
    _alone(candidate, baseline, console)


def _rows(ours: Summary, theirs: Summary, wires: list[str]) -> Iterator[Row]:
    for figure in FIGURES:
        one, other = ours.figure(figure.key), theirs.figure(figure.key)
        for wire in wires if one and other else ():
            assert one is not None and other is not None
            yield _row(figure, one.cells[wire], other.cells[wire], f"{ours.run} {theirs.run}")


def _row(figure: Figure, one: Cell, other: Cell, runs: str) -> Row:
    marks = [cell.mark for cell in (one, other) if cell.mark and cell.wire != FLOOR]
    values = [list(cell.values.values()) for cell in (one, other)]
    if marks:
        return Row(figure, one.wire, one, other, None, " and ".join(dict.fromkeys(marks)))
    if not all(values) or min(map(min, values)) <= 0:
        return Row(figure, one.wire, one, other, None, "")
    seed = zlib.crc32(f"{runs} {one.wire} {figure.key}".encode())
    found = stats.unpaired_ratio(*values, lower_is_better=figure.lower_is_better, seed=seed)
    return Row(figure, one.wire, one, other, found, "")


def _table(title: str, rows: list[Row]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("figure", style="bold")
    table.add_column("wire", no_wrap=True)
    table.add_column("first", justify="right")
    table.add_column("second", justify="right")
    table.add_column("ratio [95 % interval]", justify="right")
    table.add_column("verdict on the first")
    for row in rows:
        assert row.comparison is not None
        smallest = stats.smallest_detectable(row.comparison)
        style = VERDICT_STYLES.get(row.comparison.verdict, "default")
        table.add_row(
            f"{row.figure.title} ({row.figure.unit})",
            escape(row.wire),
            _median(row.candidate),
            _median(row.baseline),
            escape(words.ratio(row.comparison)),
            f"[{style}]{words.verdict(row.comparison, smallest)}[/]",
        )
    return table


def _median(cell: Cell) -> str:
    return words.number(cell.interval.median) if cell.interval else "–"


def _alone(candidate: Run, baseline: Run, console: Console) -> None:
    """Wires that only one of the runs has."""
    for run, other in ((candidate, baseline), (baseline, candidate)):
        for wire in run.wires:
            if wire not in other.wires:
                console.print(f"[dim]only in {escape(run.id)}:[/] {escape(wire)}", highlight=False)
