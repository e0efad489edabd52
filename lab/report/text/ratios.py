"""Tables in Markdown: figures of transports, and their ratios to a limit or to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lab.record import Run
from lab.report.model import formatting
from lab.report.model.cells import FigureSummary
from lab.report.model.summary import against, summarise
from lab.report.text.answer import value


def table(run: Run, columns: Mapping[str, str], transports: Sequence[str] | None = None) -> str:
    """A row for each transport; columns for each figure and its ratio to the limit.

    `columns`: figure -> heading, in the order of the table. `transports`: the rows; None: all.
    """
    found = [(head, each) for key, head in columns.items() if (each := summarise(run).figure(key))]
    heads = [text for head, figure in found for text in _heads(head, figure)]
    lines = [f"| transport | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for transport in run.transports if transports is None else transports:
        cells = [text for _, figure in found for text in _cells(figure, transport)]
        lines.append(f"| `{transport}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _heads(head: str, figure: FigureSummary) -> Iterator[str]:
    yield head
    if figure.limit:
        yield f"× `{figure.limit}`"


def _cells(figure: FigureSummary, transport: str) -> Iterator[str]:
    cell = figure.cells[transport]
    yield value(cell)
    if figure.limit:
        yield formatting.ratio(cell.to_limit) if cell.to_limit else "–"


def rivals(run: Run, pairs: Sequence[tuple[str, str]], columns: Mapping[str, str]) -> str:
    """A row for each pair of transports: the first's ratio to the second, paired by pass.

    `columns`: figure -> heading. A pair is left out if the run lacks one of its transports.
    """
    lines = [f"| transport | against | {' | '.join(columns.values())} |"]
    lines.append("|---|---|" + "---:|" * len(columns))
    for transport, other in pairs:
        if transport in run.transports and other in run.transports:
            ratios = (_against(run, key, transport, other) for key in columns)
            lines.append(f"| `{transport}` | `{other}` | {' | '.join(ratios)} |")
    return "\n".join(lines)


def _against(run: Run, key: str, transport: str, other: str) -> str:
    found = against(run, key, transport, other)
    return "–" if found is None else f"{formatting.ratio(found)}"
