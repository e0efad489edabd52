"""Formats the interop matrix as tables for the terminal."""

from __future__ import annotations

from rich import box
from rich.table import Table

from lab.interop.outcome import Aim, Matrix, State
from lab.interop.words import LEGEND, MARKS, refusals, short

STYLES = {
    State.CHATS: "green",
    State.CONNECTS: "yellow",
    State.REFUSED: "red",
    State.SILENT: "red",
    State.NOT_TESTED: "dim",
}


def matrix_table(matrix: Matrix, aim: Aim) -> Table:
    """Return a table with servers in rows and clients in columns."""
    table = _table()
    table.add_column("server of", no_wrap=True)
    for client in matrix.clients:
        table.add_column(client.replace("-", "-\n", 1))
    for transport in matrix.transports:
        cells = (matrix.cell(transport, client, aim) for client in matrix.clients)
        table.add_row(transport, *(f"[{STYLES[cell.state]}]{short(cell)}" for cell in cells))
    return table


def refusals_table(matrix: Matrix, aim: Aim) -> Table:
    """Return a table with the messages of the clients that could not chat."""
    table = _table()
    for heading in ("client", "says", "after", "of the servers of"):
        table.add_column(heading, no_wrap=heading in ("client", "after"), overflow="fold")
    shown = ""
    for refusal in refusals(matrix, aim):
        client = refusal.client if refusal.client != shown else ""
        table.add_row(client, _plain(refusal.said), refusal.after, ", ".join(refusal.transports))
        shown = refusal.client
    return table


def legend(matrix: Matrix) -> Table:
    """Explain the marks, and list the versions of the clients."""
    table = _table()
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    table.show_header = False
    for state in sorted({cell.state for cell in matrix.cells}, key=list(State).index):
        table.add_row(f"[{STYLES[state]}]{MARKS[state]}", LEGEND[state])
    for client, version in matrix.clients.items():
        table.add_row(client, _plain(version))
    return table


def _plain(text: str) -> str:
    """Return a text in which rich takes no bracket for markup."""
    return text.replace("[", "\\[")


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
