"""The result of a client's attempt, as plain values.

A client *connects* when it reports so itself: a WebSocket by its `open`, a Socket.IO client by its
`connect`. It *chats* when it then joins a room: a WebSocket sends the command as a JSON text frame
and gets `joined`; a Socket.IO client emits `join` and gets the acknowledgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from lab.load.tapped import Capture


class Aim(StrEnum):
    """What a client knows about the server."""

    PLAIN = "plain"
    """The address only, as in the first example of a manual; everything else is default."""
    ENGINE_IO = "engine-io"
    """Directly to Engine.IO's WebSocket: the native client gets the path, the Socket.IO client the
    option `transports: ["websocket"]`. Both then send the same handshake."""


class State(StrEnum):
    """How far a client got."""

    CHATS = "chats"
    CONNECTS = "connects"
    """The client reports a connection, but its join gets no `joined`."""
    REFUSED = "refused"
    """The client gave up by itself."""
    SILENT = "silent"
    """The client neither connected nor gave up within the patience."""
    NOT_TESTED = "not tested"


class Report(msgspec.Struct, frozen=True):
    """What a client itself reports of one attempt; times start with its first call.

    `opened_ms`: when it reported a connection. `ended_ms`: when it gave up, or when the connection
    ended early. `close_code`: the client's close code; 1006 never appears on the wire.
    `said`: the client's own words.
    """

    opened_ms: float | None = None
    ended_ms: float | None = None
    joined: bool = False
    close_code: int | None = None
    said: str = ""

    @property
    def state(self) -> State:
        """How far the client got."""
        if self.joined:
            return State.CHATS
        if self.opened_ms is not None:
            return State.CONNECTS
        return State.SILENT if self.ended_ms is None else State.REFUSED


class Visit(msgspec.Struct, frozen=True):
    """One attempt, as a client receives it. Each of its steps may take `patience_s`.

    `transports`: the Engine.IO transports that a Socket.IO client may use; None: its default.
    """

    url: str
    room: str
    name: str
    patience_s: float
    transports: tuple[str, ...] | None = None

    def for_script(self) -> dict[str, Any]:
        """The visit in JSON's types and in milliseconds, for a script."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return {**fields, "patience_ms": 1000 * fields.pop("patience_s")}


class Cell(msgspec.Struct, frozen=True):
    """One client, one server, one aim: the client's report and what its bytes show.

    `statuses`: the status of every HTTP response, in order. `closes`: every close frame, as in
    "down 1000". `reason`: why the cell was not tested.
    """

    transport: str
    client: str
    aim: Aim
    state: State
    report: Report = Report()
    statuses: tuple[int, ...] = ()
    closes: tuple[str, ...] = ()
    capture: Capture | None = None
    reason: str = ""

    @property
    def label(self) -> str:
        """The client, the server and the aim, in words."""
        straight = ", directly to Engine.IO's WebSocket" if self.aim is Aim.ENGINE_IO else ""
        return f"{self.client} at {self.transport}{straight}"


class Matrix(msgspec.Struct, frozen=True):
    """Every client at every server.

    `transports`, `clients`: name -> its description, with its version.
    """

    transports: Mapping[str, str]
    clients: Mapping[str, str]
    patience_s: float
    cells: tuple[Cell, ...]

    def cell(self, transport: str, client: str, aim: Aim) -> Cell:
        """Return one cell. Raises LookupError where there is none."""
        for cell in self.cells:
            if (cell.transport, cell.client, cell.aim) == (transport, client, aim):
                return cell
        raise LookupError(f"no cell of {client} at {transport}, aimed {aim}")
