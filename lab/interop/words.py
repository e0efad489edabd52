"""Describes the cells of the interop matrix, in a few characters or in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lab.interop.outcome import Aim, Cell, Matrix, State

AIMS: Mapping[Aim, str] = {
    Aim.PLAIN: "With the server's address only",
    Aim.ENGINE_IO: "Directly to Engine.IO's WebSocket",
}
"""Aim -> the title of its table."""
ABOUT: Mapping[Aim, str] = {
    Aim.PLAIN: "As in the first example of a manual; everything else is the client's default.",
    Aim.ENGINE_IO: "A WebSocket gets the path /socket.io/?EIO=4&transport=websocket, a Socket.IO "
    'client transports: ["websocket"]. On the wire both begin alike.',
}
MARKS: Mapping[State, str] = {
    State.CHATS: "✓",
    State.CONNECTS: "○",
    State.REFUSED: "✗",
    State.SILENT: "…",
    State.NOT_TESTED: "–",
}
KEY = "✓ chats, ○ only connects: after so many ms; ✗ gives up: HTTP status or close code; … hangs"
"""The marks, explained in one line."""
LEGEND: Mapping[State, str] = {
    State.CHATS: "connects after so many ms, and joins the room",
    State.CONNECTS: "reports a connection after so many ms, but can't chat",
    State.REFUSED: "gives up: the HTTP status, or the code of the close",
    State.SILENT: "neither connects nor gives up within the time limit",
    State.NOT_TESTED: "not tested",
}


def short(cell: Cell) -> str:
    """Return a cell in a few characters: a mark, and the most informative figure."""
    return f"{MARKS[cell.state]} {_figure(cell)}".strip()


def _figure(cell: Cell) -> str:
    report = cell.report
    if cell.state in (State.CHATS, State.CONNECTS):
        return f"{report.opened_ms:.0f}"
    if cell.state is not State.REFUSED:
        return ""
    status = refused_with(cell)
    return str(report.close_code or "" if status is None else status)


def refused_with(cell: Cell) -> int | None:
    """Return the first HTTP status of an error, else the last status, else None."""
    errors = [status for status in cell.statuses if status >= 400]
    return next(iter(errors), cell.statuses[-1] if cell.statuses else None)


def sentence(cell: Cell, patience_s: float) -> str:
    """Describe how far a client got, without the client's own words."""
    report = cell.report
    if cell.state is State.NOT_TESTED:
        return f"not tested: {cell.reason}"
    if cell.state is State.SILENT:
        return f"no answer within {patience_s:g} s: it neither connects nor gives up"
    if cell.state is State.REFUSED:
        return f"gives up after {report.ended_ms:.0f} ms"
    opened = f"connects after {report.opened_ms:.0f} ms"
    if cell.state is State.CHATS:
        return f"{opened} and joins the room"
    if report.ended_ms is None:
        return f"{opened}, but gets no answer to its join within {patience_s:g} s"
    return f"{opened}, but can't chat: it ends after {report.ended_ms:.0f} ms"


class Refusal(msgspec.Struct, frozen=True):
    """A client's own message, its time, and the servers that it concerns."""

    client: str
    said: str
    after: str
    transports: tuple[str, ...]


def refusals(matrix: Matrix, aim: Aim) -> Iterator[Refusal]:
    """Return the messages of the clients that could not chat, each once with all its servers."""
    for client in matrix.clients:
        by_words: dict[str, list[Cell]] = {}
        for cell in matrix.cells:
            if (cell.client, cell.aim) == (client, aim) and cell.state is not State.CHATS:
                by_words.setdefault(_words(cell, matrix.patience_s), []).append(cell)
        for said, cells in by_words.items():
            after = span_ms(cell.report.ended_ms for cell in cells)
            yield Refusal(client, said, after, tuple(cell.transport for cell in cells))


def span_ms(times_ms: Iterable[float | None]) -> str:
    """Return the range of times, as in "28 to 97 ms"; "" where none is known."""
    known = [round(time_ms) for time_ms in times_ms if time_ms is not None]
    if not known:
        return ""
    first, last = min(known), max(known)
    return f"{first} ms" if first == last else f"{first} to {last} ms"


def _words(cell: Cell, patience_s: float) -> str:
    if cell.state is State.NOT_TESTED:
        return f"(not tested: {cell.reason})"
    if cell.state is State.SILENT:
        return f"(nothing within {patience_s:g} s)"
    code = cell.report.close_code
    said = cell.report.said or "(no message)"
    return said if code is None or str(code) in said else f"{said} (close code {code})"
