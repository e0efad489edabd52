"""Invented cells and an invented matrix for the tests of their output."""

from __future__ import annotations

from lab.interop.outcome import Aim, Cell, Matrix, Report, State
from lab.load.tapped import Capture
from lab.relay.capture import Chunk, Traffic

REQUEST = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: lab\r\n\r\n"
RESPONSE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n<p"


def capture(*said: tuple[str, bytes]) -> Capture:
    """The bytes of one connection, in order, as ("up" or "down", bytes)."""
    chunks = [
        Chunk(1, "up" if direction == "up" else "down", number * 1_000_000, data)
        for number, (direction, data) in enumerate(said)
    ]
    return Capture(chunks, [], Traffic())


def cell(report: Report, statuses: tuple[int, ...] = (), **names: str) -> Cell:
    """A cell of the server `websocket` and the client `ws`, unless given."""
    return Cell(
        transport=names.get("transport", "websocket"),
        client=names.get("client", "ws"),
        aim=Aim(names.get("aim", "plain")),
        state=report.state,
        report=report,
        statuses=statuses,
        capture=capture(("up", REQUEST), ("down", RESPONSE)),
    )


CHATS = Report(opened_ms=12.4, joined=True)
MUTE = Report(opened_ms=8, ended_ms=9.6, close_code=1006)
IGNORED = Report(opened_ms=8)
REFUSED = Report(ended_ms=3.2, close_code=1006, said="Unexpected server response: 404")
SILENT = Report()


def matrix() -> Matrix:
    """Two clients at two servers with both aims; one client is missing."""
    cells = [
        cell(CHATS),
        cell(REFUSED, (404,), transport="socketio"),
        cell(SILENT, aim="engine-io"),
        cell(MUTE, (101,), transport="socketio", aim="engine-io"),
    ]
    cells += [
        Cell(transport, "other", aim, State.NOT_TESTED, reason="needs [luck]")
        for transport in ("websocket", "socketio")
        for aim in Aim
    ]
    transports = {"websocket": "websockets 17.4", "socketio": "python-socketio 5.18.1"}
    return Matrix(transports, {"ws": "ws 8.23.0 in Node", "other": "needs [luck]"}, 5, tuple(cells))
