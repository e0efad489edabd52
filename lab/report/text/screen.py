"""The answer of a run on one screen of a terminal, 80 x 24: verdicts, then a small table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from lab.answer.blocks import CLIENTS, PLAIN, PYTHON
from lab.answer.extract import client_of
from lab.answer.model import Answer, Block, Row
from lab.answer.of_run import of_run
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.scenario import loaded
from lab.report.model.summary import Summary, summarise
from lab.report.text import over_tls, scenario, tables, verdicts
from lab.report.text.blocks import notes
from lab.report.text.verdicts import QUOTED

WIDTH = 80
"""In columns. On a wider terminal lines stay this short: they are read, not scanned."""
LEFT_OUT = frozenset({"message_bytes"})
"""Rows that only the report has: a screen has 24 lines."""
LEGEND = "WS: WebSocket, S.IO: Socket.IO. Connect and RTT include the client's library."
GAP = "  "
HEIGHT, AFTER = 24, 2
"""Lines of a screen, and how many of them are for the hint and the path of the page."""
Cell = tuple[str, str, str]
"""The plain value, Socket.IO's value, and its multiple."""


def show(run: Run, console: Console, *, details: bool = False) -> None:
    """Print the answer of the run, and every table too if `details` are wanted.

    A run that measured nothing of the answer, and one of transports against themselves, has only
    the tables. That of a target under a scenario has an answer of its own.
    """
    if (target := loaded(run)) is not None:
        scenario.show(run, target, console)
        if details:
            tables.show(run, console)
        return
    for sentence in scenario.beside(run):
        console.print(sentence, style="bold", highlight=False, markup=False)
    tabled = not of_run(run).own or summarise(run).against_itself is not None
    tabled = tabled or scenario.target_of(run) is not None
    if not tabled:
        for line in lines(_heading(run), of_run(run), min(console.width, WIDTH)):
            console.print(line, highlight=False, soft_wrap=True)
    if details and not tabled:
        console.print()
    if (beside_plain := over_tls.table(run)) is not None:
        console.print()
        console.print(beside_plain)
    if details or tabled:
        tables.show(run, console)
    else:
        summary = summarise(run)
        style = "red" if summary.voids else "dim"
        console.print(_hint(summary), style=style, highlight=False)


def lines(heading: str, answer: Answer, width: int) -> Iterator[Text]:
    """The verdicts, the table and its notes, each line no wider than `width`.

    With the hint and the page's path, they fill one screen: if there are too many verdicts, the
    last ones are left out, whose numbers the table has.
    """
    above = _wrapped(heading, width)
    below = ["", *_table(answer, width)]
    noted = [line for note in (LEGEND, *notes(answer)) for line in _wrapped(note, width)]
    space = HEIGHT - AFTER - len(above) - len(below) - len(noted)
    yield from (Text(line, style="bold") for line in above)
    for sentence in verdicts.sentences(answer):
        wrapped = _wrapped(sentence, width)
        space -= len(wrapped)
        if space < 0:
            break
        yield from map(Text, wrapped)
    yield from map(Text, below)
    yield from (Text(line, style="dim") for line in noted)


def _heading(run: Run) -> str:
    info = run.info
    client = client_of(run)
    where = "" if client == PYTHON else f" · client {CLIENTS[client]}"
    passes = f"{len(run.passes)} of {info.planned_passes} passes"
    partial = "" if info.status == "complete" else f" · {info.status.upper()}"
    return f"{run.id} · {info.settings} settings{where} · {passes}{partial}"


def _table(answer: Answer, width: int) -> Iterator[str]:
    """A row for each figure; for each block both values, and Socket.IO's as a multiple."""
    rows = [(title, cells) for title, cells in _rows(answer)]
    heads = [_head(block) for block in answer.blocks]
    first = max(len(title) for title, _ in rows)
    columns = [[cells[place] for _, cells in rows] for place in range(len(heads))]
    blocks = [_aligned(heads[place], column) for place, column in enumerate(columns)]
    if first + sum(len(GAP) + len(block[0]) for block in blocks) > width:
        blocks = [
            _aligned((head, "ratio"), [cell[-1:] for cell in column])
            for (head, *_), column in zip(heads, columns, strict=True)
        ]
    titles = ["", "", *(title for title, _ in rows)]
    for title, *parts in zip(titles, *blocks, strict=True):
        yield f"{title:{first}}{GAP}{GAP.join(parts)}".rstrip()


def _head(block: Block) -> tuple[str, ...]:
    return f"{block.title}{QUOTED if block.quoted else ''}", "WS", "S.IO", "ratio"


def _aligned(head: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """The title, the names of the columns and the cells below each other, all of one width."""
    title, *names = head
    rows = [names, *cells]
    widths = [max(len(row[place]) for row in rows) for place in range(len(names))]
    found = [
        " ".join(f"{part:>{size}}" for part, size in zip(row, widths, strict=True)) for row in rows
    ]
    size = max(map(len, (title, *found)))
    return [f"{line:>{size}}" for line in (title, *found)]


def _rows(answer: Answer) -> Iterator[tuple[str, list[Cell]]]:
    """Title -> a cell for each block. A row that nobody measured is left out."""
    for key in dict.fromkeys(row.key for block in answer.blocks for row in block.rows):
        rows = [_preferred(block, key) for block in answer.blocks]
        measured = next((row for row in rows if row), None)
        if measured is None or key in LEFT_OUT:
            continue
        where = "" if measured.client == PYTHON else f" {CLIENTS[measured.client]}"
        cells = [_cell(block, row) for block, row in zip(answer.blocks, rows, strict=True)]
        yield f"{measured.short}{where}", cells


def _preferred(block: Block, key: str) -> Row | None:
    """The row of the run's own client, if it has measured it; else the first one."""
    own = (row for row in block.rows if row.key == key and row.measured and not row.quoted)
    return next(own, block.row(key))


def _cell(block: Block, row: Row | None) -> Cell:
    if row is None:
        return "–", "–", ""
    plain, other = row.sides[PLAIN], row.sides[block.variant]
    values = [formatting.exact(side.value.median) if side.value else "–" for side in (plain, other)]
    star = QUOTED if row.quoted and not block.quoted else ""
    ratio = f"{_short(other.ratio.ratio)}×{star}" if other.ratio else star
    return values[0], values[1], ratio


def _short(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else formatting.number(round(ratio))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=GAP, break_on_hyphens=False)


def _hint(summary: Summary) -> str:
    """How much the tables say besides, and how to see them."""
    counts = {"void figure": len(summary.voids), "warning": len(summary.warnings)}
    found = [f"{count} {what}{'s' * (count > 1)}" for what, count in counts.items() if count]
    said = f" ({', '.join(found)})" if found else ""
    return f"All tables{said}: lab report --details"
