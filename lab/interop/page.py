"""Writes the interop matrix as one HTML page in which every cell links to its trace."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from lab.decode.decode import decode
from lab.interop.outcome import Aim, Cell, Matrix, State
from lab.interop.words import ABOUT, AIMS, KEY, LEGEND, MARKS, sentence, short
from lab.ledger.show import annotate
from lab.report.html import rendered

LINES_EACH = 4
"""The number of lines of bytes that are shown for each part of a message."""


def page(matrix: Matrix, command: Sequence[str] = ()) -> str:
    """Return the page, with everything in one file. `command`: the command that made it."""
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
    """Return the id of a cell's trace in the page."""
    return f"{cell.transport}--{cell.client}--{cell.aim}"


def trace(cell: Cell) -> str:
    """Return the traffic as text: every message by time, its bytes beside their meaning."""
    if cell.capture is None:
        return ""
    found = decode(cell.capture.chunks, cell.capture.events)
    return "\n".join(annotate(found, LINES_EACH)) or "(no bytes)"


def _has(matrix: Matrix, aim: Aim) -> bool:
    return any(cell.aim is aim for cell in matrix.cells)
