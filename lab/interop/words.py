"""Among the interop matrix: its cells in words, in a few characters or in a sentence (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lab.interop.outcome import Aim, Cell, Matrix, State

AIMS: Mapping[Aim, str] = {
    Aim.PLAIN: "Given the server's address and nothing else",
    Aim.ENGINE_IO: "Sent straight to Engine.IO's WebSocket",
}
"""Aim -> the heading of its table."""
ABOUT: Mapping[Aim, str] = {
    Aim.PLAIN: "As a manual's first example has it; all else is the client's default.",
    Aim.ENGINE_IO: "A WebSocket gets the path /socket.io/?EIO=4&transport=websocket, a Socket.IO "
    'client transports: ["websocket"]. On the wire the two begin alike.',
}
MARKS: Mapping[State, str] = {
    State.CHATS: "✓",
    State.CONNECTS: "○",
    State.REFUSED: "✗",
    State.SILENT: "…",
    State.NOT_TESTED: "–",
}
KEY = "✓ chats, ○ only connects: after so many ms; ✗ gives up: HTTP status or close code; … hangs"
"""The marks in one line."""
LEGEND: Mapping[State, str] = {
    State.CHATS: "connects, after so many ms, and is let into the room",
    State.CONNECTS: "counts itself as connected, after so many ms, but can't chat",
    State.REFUSED: "gives up: the HTTP status that it got, or the code of its close",
    State.SILENT: "neither connects nor gives up for as long as was waited",
    State.NOT_TESTED: "not tested",
}


def short(cell: Cell) -> str:
    """A cell in a few characters: a mark, and the figure that says most."""
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
    """The first HTTP status of an error; where there is none the last; None without any."""
    errors = [status for status in cell.statuses if status >= 400]
    return next(iter(errors), cell.statuses[-1] if cell.statuses else None)


def sentence(cell: Cell, patience_s: float) -> str:
    """How far a client came, in words; what it said itself is not in it."""
    report = cell.report
    if cell.state is State.NOT_TESTED:
        return f"not tested: {cell.reason}"
    if cell.state is State.SILENT:
        return f"no answer within {patience_s:g} s: it neither connects nor gives up"
    if cell.state is State.REFUSED:
        return f"gives up after {report.ended_ms:.0f} ms"
    opened = f"connects after {report.opened_ms:.0f} ms"
    if cell.state is State.CHATS:
        return f"{opened} and is let into the room"
    if report.ended_ms is None:
        return f"{opened}, but its join is not answered within {patience_s:g} s"
    return f"{opened}, but can't chat: it ends after {report.ended_ms:.0f} ms"


class Refusal(msgspec.Struct, frozen=True):
    """One client's words, after how long they came, and the servers that they were for."""

    client: str
    said: str
    after: str
    wires: tuple[str, ...]


def refusals(matrix: Matrix, aim: Aim) -> Iterator[Refusal]:
    """What the clients that can't chat say of it, each once, with all the servers it is said of."""
    for client in matrix.clients:
        by_words: dict[str, list[Cell]] = {}
        for cell in matrix.cells:
            if (cell.client, cell.aim) == (client, aim) and cell.state is not State.CHATS:
                by_words.setdefault(_words(cell, matrix.patience_s), []).append(cell)
        for said, cells in by_words.items():
            after = span_ms(cell.report.ended_ms for cell in cells)
            yield Refusal(client, said, after, tuple(cell.wire for cell in cells))


def span_ms(times_ms: Iterable[float | None]) -> str:
    """From the shortest to the longest: "28 to 97 ms"; "" where none is known."""
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
    said = cell.report.said or "(no word)"
    return said if code is None or str(code) in said else f"{said} (close code {code})"
