"""What wires take, how far that is from the floor and from each other, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lab.record import Run
from lab.report import summary as summary_
from lab.report import words
from lab.report.answer import value
from lab.report.summary import FigureSummary


def table(run: Run, columns: Mapping[str, str]) -> str:
    """A row for each wire, a column for each figure that the run has, and one for its floor.

    `columns`: figure -> heading, in the order of the table.
    """
    found = [
        (head, each) for key, head in columns.items() if (each := summary_.of(run).figure(key))
    ]
    heads = [text for head, figure in found for text in _heads(head, figure)]
    lines = [f"| wire | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for wire in run.wires:
        cells = [text for _, figure in found for text in _cells(figure, wire)]
        lines.append(f"| `{wire}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _heads(head: str, figure: FigureSummary) -> Iterator[str]:
    yield head
    if figure.floor:
        yield f"× `{figure.floor}`"


def _cells(figure: FigureSummary, wire: str) -> Iterator[str]:
    cell = figure.cells[wire]
    yield value(cell)
    if figure.floor:
        yield words.ratio(cell.to_floor) if cell.to_floor else "–"


def rivals(run: Run, pairs: Sequence[tuple[str, str]], columns: Mapping[str, str]) -> str:
    """A row for each pair of wires: the first's ratio to the second, paired pass by pass.

    `columns`: figure -> heading. Pairs of which the run lacks a wire are left out.
    """
    lines = [f"| wire | against | {' | '.join(columns.values())} |"]
    lines.append("|---|---|" + "---:|" * len(columns))
    for wire, other in pairs:
        if wire in run.wires and other in run.wires:
            ratios = (_against(run, key, wire, other) for key in columns)
            lines.append(f"| `{wire}` | `{other}` | {' | '.join(ratios)} |")
    return "\n".join(lines)


def _against(run: Run, key: str, wire: str, other: str) -> str:
    found = summary_.against(run, key, wire, other)
    return "–" if found is None else f"{words.ratio(found)}"
