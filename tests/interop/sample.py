"""Cells and a matrix made up for the tests of what is shown of them."""

from __future__ import annotations

from lab.interop.outcome import Aim, Cell, Matrix, Report, State
from lab.load.tapped import Tape
from lab.wire.tape import Chunk, Traffic

REQUEST = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: lab\r\n\r\n"
RESPONSE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n<p"


def tape(*said: tuple[str, bytes]) -> Tape:
    """What was said on one connection: ("up" or "down", bytes), one after the other."""
    chunks = [
        Chunk(1, "up" if direction == "up" else "down", number * 1_000_000, data)
        for number, (direction, data) in enumerate(said)
    ]
    return Tape(chunks, [], Traffic())


def cell(report: Report, statuses: tuple[int, ...] = (), **names: str) -> Cell:
    """A cell of websocket and ws, unless named otherwise."""
    return Cell(
        wire=names.get("wire", "websocket"),
        client=names.get("client", "ws"),
        aim=Aim(names.get("aim", "plain")),
        state=report.state,
        report=report,
        statuses=statuses,
        tape=tape(("up", REQUEST), ("down", RESPONSE)),
    )


CHATS = Report(opened_ms=12.4, joined=True)
MUTE = Report(opened_ms=8, ended_ms=9.6, close_code=1006)
IGNORED = Report(opened_ms=8)
REFUSED = Report(ended_ms=3.2, close_code=1006, said="Unexpected server response: 404")
SILENT = Report()


def matrix() -> Matrix:
    """Two clients at two servers, aimed in both ways; one client is missing."""
    cells = [
        cell(CHATS),
        cell(REFUSED, (404,), wire="socketio"),
        cell(SILENT, aim="engine-io"),
        cell(MUTE, (101,), wire="socketio", aim="engine-io"),
    ]
    cells += [
        Cell(wire, "other", aim, State.NOT_TESTED, reason="needs [luck]")
        for wire in ("websocket", "socketio")
        for aim in Aim
    ]
    wires = {"websocket": "websockets 17.4", "socketio": "python-socketio 5.18.1"}
    return Matrix(wires, {"ws": "ws 8.23.0 in Node", "other": "needs [luck]"}, 5, tuple(cells))
