"""Tables of what TLS or compression costs: each transport, compared with itself without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.markup import escape
from rich.table import Table

from lab.measure.figures.compression import EXPERIMENT as COMPRESSION
from lab.measure.replicas import compression_of, is_variant, original
from lab.measure.stats import Comparison
from lab.record import BY_KEY, Run
from lab.record.paired import paired
from lab.report.model import formatting
from lab.report.model.cells import Cell, FigureSummary
from lab.report.model.summary import summarise


def compared(run: Run, label: str, key: str) -> Comparison | None:
    """A figure of such a label, compared pass by pass with the same transport without it."""
    return paired(run, label, BY_KEY[key], original(label))


def table(run: Run) -> Table | None:
    """A row for each figure that differs, and label; None for a run without such labels."""
    labels = [label for label in run.transports if is_variant(label)]
    if not labels:
        return None
    compressed = any(map(compression_of, labels))
    if not any(one.experiment != COMPRESSION for one in summarise(run).figures):
        return None
    found = Table(
        title=f"{'With compression' if compressed else 'Over TLS'}, "
        "against the same transport without it",
        title_justify="left",
        title_style="bold underline",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    found.add_column("")
    for heading in (
        "without",
        "with" if compressed else "over TLS",
        "ratio [95 % interval]",
        "verdict",
    ):
        found.add_column(heading, justify="right")
    figures = [one for one in summarise(run).figures if one.experiment != COMPRESSION]
    for figure in figures:
        rows = [row for label in labels if (row := _row(run, figure, label))]
        if rows:
            found.add_section()
            unit = f", {figure.unit}" if figure.unit else ""
            found.add_row(f"[bold]{escape(figure.title + unit)}[/]")
            for row in rows:
                found.add_row(*map(escape, row))
    return found


def _row(run: Run, figure: FigureSummary, label: str) -> tuple[str, ...] | None:
    plain, ours = figure.cells.get(original(label)), figure.cells[label]
    if plain is None or not plain.interval or not ours.interval:
        return None
    comparison = None if figure.counted or not figure.ratio else compared(run, label, figure.key)
    ratio = formatting.ratio(comparison) if comparison else _times(plain, ours)
    return (
        f"  {label}",
        _median(plain),
        _median(ours),
        ratio,
        comparison.verdict if comparison else "",
    )


def _times(plain: Cell, ours: Cell) -> str:
    assert plain.interval is not None
    assert ours.interval is not None
    if plain.interval.median <= 0:
        return "–"
    return f"{formatting.times(ours.interval.median / plain.interval.median)}×"


def _median(cell: Cell) -> str:
    return formatting.number(cell.interval.median) if cell.interval else "–"


def markdown(run: Run, columns: Mapping[str, str]) -> str:
    """A table for a document: a row for each label, a column for each figure of `columns`."""
    summary = summarise(run)
    lines = [f"| | {' | '.join(columns.values())} |", f"|---|{'---:|' * len(columns)}"]
    for label in run.transports:
        cells = []
        for key in columns:
            figure = summary.figure(key)
            cells.append("–" if figure is None else " ".join(_markdown(run, figure, label)))
        lines.append(f"| `{label}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _markdown(run: Run, figure: FigureSummary, label: str) -> Iterator[str]:
    cell = figure.cells[label]
    yield _median(cell)
    if is_variant(label) and (row := _row(run, figure, label)):
        yield f"({row[3]})"
