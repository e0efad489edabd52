"""Among the interop matrix: it as one HTML page, in which every cell leads to its trace."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from lab.interop.outcome import Aim, Cell, Matrix, State
from lab.interop.words import ABOUT, AIMS, KEY, LEGEND, MARKS, sentence, short
from lab.report.html import rendered
from lab.wire.decode import decode
from lab.wire.show import annotate

LINES_EACH = 4
"""How many lines of bytes each part of a message is shown with."""


def page(matrix: Matrix, command: Sequence[str] = ()) -> str:
    """The page: self-contained, to be mailed and opened offline. `command`: what made it."""
    return rendered(
        resources.files("lab.interop").joinpath("matrix.html.j2"),
        matrix=matrix,
        aims=[(aim, AIMS[aim], ABOUT[aim]) for aim in Aim if _has(matrix, aim)],
        legend=[(state, MARKS[state], LEGEND[state]) for state in State],
        key=KEY,
        anchor=anchor,
        short=short,
        sentence=sentence,
        trace=trace,
        command=" ".join(command),
    )


def anchor(cell: Cell) -> str:
    """The id of a cell's trace in the page."""
    return f"{cell.wire}--{cell.client}--{cell.aim}"


def trace(cell: Cell) -> str:
    """What crossed the wire, as text: every message by time, its bytes beside their meaning."""
    if cell.tape is None:
        return ""
    found = decode(cell.tape.chunks, cell.tape.events)
    return "\n".join(annotate(found, LINES_EACH)) or "(not a byte)"


def _has(matrix: Matrix, aim: Aim) -> bool:
    return any(cell.aim is aim for cell in matrix.cells)
