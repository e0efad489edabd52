"""Tables of the experiment compression: deliveries, beside the same without compression."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from lab.measure.figures.compression import QUANTITIES, SIZES, TEXTS, key
from lab.measure.replicas import is_variant, original
from lab.measure.stats import Comparison
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import Summary, summarise
from lab.report.text.over_tls import compared

MEMORY = "compression_memory_kib"


def tables(run: Run) -> Iterator[Table]:
    """A table for each transport and quantity: a row for each kind and size of text."""
    for transport in dict.fromkeys(map(original, run.transports)):
        for quantity, (_, title, unit, _) in QUANTITIES.items():
            rows = list(rows_of(run, transport, quantity))
            if rows:
                yield _table(f"{transport}: {title}, {unit}", labels_of(run, transport), rows)


def labels_of(run: Run, transport: str) -> list[str]:
    """The labels of a transport, the one without compression first."""
    return [label for label in run.transports if original(label) == transport]


def rows_of(run: Run, transport: str, quantity: str) -> Iterator[list[str]]:
    """Kind and size, then a cell for each label."""
    summary, labels = summarise(run), labels_of(run, transport)
    points = [(f"{kind}, {size} B", key(quantity, kind, size)) for kind in TEXTS for size in SIZES]
    for name, figure in points:
        if (found := summary.figure(figure)) and found.cells[transport].interval:
            yield [name, *(cell(run, summary, label, figure) for label in labels)]


def cell(run: Run, summary: Summary, label: str, key: str) -> str:
    """The median, and behind it the ratio to the transport without compression."""
    figure = summary.figure(key)
    interval = figure.cells[label].interval if figure else None
    if interval is None:
        return "–"
    median = formatting.number(interval.median)
    found = compared(run, label, key) if is_variant(label) else None
    return f"{median} ({_ratio(found)})" if found else median


def _ratio(found: Comparison) -> str:
    """The ratio with its interval, if that is wider than the digits that are shown."""
    ends = {
        formatting.times(end) for end in (found.low, found.ratio, found.high) if end is not None
    }
    return f"{ends.pop()}×" if len(ends) == 1 else formatting.ratio(found)


def memory_sentence(run: Run) -> str | None:
    """What a connection takes on each label; None if it was not measured."""
    summary = summarise(run)
    figure = summary.figure(MEMORY)
    if figure is None:
        return None
    found = (f"{label} {cell(run, summary, label, MEMORY)}" for label in run.transports)
    return f"Server memory of a connection, KiB: {'; '.join(found)}."


def _table(title: str, labels: list[str], rows: list[list[str]]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold underline",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("")
    for label in labels:
        table.add_column(escape(label.partition("+")[2] or "off"), justify="right")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def markdown(run: Run, transport: str, quantity: str) -> str:
    """One of the tables for a document."""
    labels = [label.partition("+")[2] or "off" for label in labels_of(run, transport)]
    lines = [f"| | {' | '.join(labels)} |", f"|---|{'---:|' * len(labels)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows_of(run, transport, quantity)]
    return "\n".join(lines) + "\n"
