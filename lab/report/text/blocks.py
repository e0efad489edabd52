"""The answer's three blocks as rows of text, for the page and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lab.answer.blocks import CLIENTS, PLAIN, PYTHON, ROWS, VARIANTS
from lab.answer.measurements import Measurements, Value
from lab.answer.model import Answer, Block, Row, Side
from lab.report.model import formatting
from lab.report.text.verdicts import QUOTED

NOT_MEASURED = "not measured"


class Line(NamedTuple):
    """One figure: its title with the unit, and a cell for each variant."""

    title: str
    cells: list[str]


class Section(NamedTuple):
    """One block: its title, the transports of its columns, and its lines."""

    title: str
    transports: list[str]
    lines: list[Line]


HEADS = list(VARIANTS.values())
"""The heads of the columns."""
_BY_CLIENT = {row.key for row in ROWS if row.clients}
"""Rows whose title always names the client."""


def sections(answer: Answer) -> Iterator[Section]:
    """A section for each block, in the order of the answer.

    A row that was measured in no block is left out.
    """
    rows = [row for block in answer.blocks for row in block.rows]
    measured = {(row.key, row.client) for row in rows if row.measured}
    for block in answer.blocks:
        star = QUOTED if block.quoted else ""
        title = f"{block.title}{star}: {block.whose}"
        transports = [block.rows[0].sides[variant].transport for variant in VARIANTS]
        shown = [row for row in block.rows if (row.key, row.client) in measured]
        yield Section(title, transports, [_line(block, row) for row in shown])


def markdown(answer: Answer) -> str:
    """The three blocks as one table, each beginning with the names of its transports."""
    lines = [f"| | {' | '.join(HEADS)} |", "|---|" + "---:|" * len(HEADS)]
    for section in sections(answer):
        names = " | ".join(f"`{name}`" for name in section.transports)
        lines.append(f"| **{section.title}** | {names} |")
        lines += [f"| {line.title} | {' | '.join(line.cells)} |" for line in section.lines]
    return "\n".join(lines)


def _line(block: Block, row: Row) -> Line:
    star = QUOTED if row.quoted and row.measured and not block.quoted else ""
    unit = f", {row.unit}" if row.unit and row.unit != "B" else ""
    named = row.client != PYTHON or row.key in _BY_CLIENT
    where = f", client {CLIENTS[row.client]}" if named else ""
    if not row.measured:
        return Line(f"{row.title}{where}{unit}", [NOT_MEASURED, *[""] * (len(VARIANTS) - 1)])
    return Line(
        f"{row.title}{where}{unit}{star}",
        [cell(variant, row.sides[variant]) for variant in VARIANTS],
    )


def cell(variant: str, side: Side) -> str:
    """A value, and what multiple of the plain transport's it is."""
    if side.value is None:
        return "–"
    value = _exact(side.value)
    if side.ratio is None or variant == PLAIN:
        return value
    return f"{value} · {formatting.ratio(side.ratio)}"


def _exact(value: Value) -> str:
    return f"{formatting.exact(value.median)}{f' ({value.mark})' if value.mark else ''}"


def notes(answer: Answer) -> Iterator[str]:
    """What is quoted from which run, and how to measure it here; empty if nothing is quoted."""
    sources = {source.run: source for block in answer.blocks for source in block.sources}
    if sources:
        missing = [each.needs for each in answer.blocks if each.quoted and each.needs]
        origins = _origins(list(sources.values()))
        yield f"{QUOTED} not measured here{_needed(missing)}; figures of {origins}"


def _needed(missing: Sequence[str]) -> str:
    return f": {', '.join(missing)}" if missing else ""


def _origins(sources: Sequence[Measurements]) -> str:
    """The reference runs, by their dates and machines."""
    dates = ", ".join(sorted({source.date for source in sources}))
    machines = "; ".join(sorted({source.machine for source in sources}))
    return f"the reference run{'s' if len(sources) > 1 else ''} of {dates}, {machines}"
