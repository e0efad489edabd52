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


def _labels(run: Run) -> list[str]:
    return [label for label in run.transports if is_variant(label)]


def title(run: Run) -> str:
    """What the table compares."""
    compressed = any(map(compression_of, _labels(run)))
    what = "With compression" if compressed else "Over TLS"
    return f"{what}, against the same transport without it"


def heads(run: Run) -> tuple[str, ...]:
    """The headings of a row's cells after its label."""
    with_it = "with" if any(map(compression_of, _labels(run))) else "over TLS"
    return "without", with_it, "ratio [95 % interval]", "verdict"


def groups(run: Run) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Each figure that labels of both kinds have, with a row for each label that differs."""
    for figure in summarise(run).figures:
        if figure.experiment == COMPRESSION:
            continue
        if rows := [row for label in _labels(run) if (row := _row(run, figure, label))]:
            yield f"{figure.title}{f', {figure.unit}' if figure.unit else ''}", rows


def table(run: Run) -> Table | None:
    """A row for each figure that differs, and label; None for a run without such labels."""
    found = Table(
        title=title(run),
        title_justify="left",
        title_style="bold underline",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    found.add_column("")
    for heading in heads(run):
        found.add_column(heading, justify="right")
    for figure, rows in groups(run):
        found.add_section()
        found.add_row(f"[bold]{escape(figure)}[/]")
        for label, *cells in rows:
            found.add_row(*map(escape, (f"  {label}", *cells)))
    return found if found.row_count else None


def _row(run: Run, figure: FigureSummary, label: str) -> tuple[str, ...] | None:
    plain, ours = figure.cells.get(original(label)), figure.cells[label]
    if plain is None or not plain.interval or not ours.interval:
        return None
    comparison = None if figure.counted or not figure.ratio else compared(run, label, figure.key)
    ratio = formatting.ratio(comparison) if comparison else _times(plain, ours)
    return (
        label,
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
