"""Among the interop matrix: what an attempt comes to, as plain values.

A client *connects* when it says so itself: a WebSocket by its `open`, a Socket.IO client by its
`connect`. It *chats* when it then joins a room: a WebSocket sends the command as a JSON text frame
and gets `joined`, a Socket.IO client emits `join` and gets the acknowledgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from lab.load.tapped import Tape


class Aim(StrEnum):
    """What a client is told of the server."""

    PLAIN = "plain"
    """Its address and nothing else, as a manual's first example has it; all else is default."""
    ENGINE_IO = "engine-io"
    """Straight to Engine.IO's WebSocket: the native client is given its path, the Socket.IO client
    `transports: ["websocket"]`, which makes the same handshake of both."""


class State(StrEnum):
    """How far a client came."""

    CHATS = "chats"
    CONNECTS = "connects"
    """It counts itself as connected, and its join is not answered as one."""
    REFUSED = "refused"
    """It gave up by itself."""
    SILENT = "silent"
    """It neither connected nor gave up while there was patience."""
    NOT_TESTED = "not tested"


class Report(msgspec.Struct, frozen=True):
    """What a client itself says of one attempt; times are from the first call on.

    `opened_ms`: when it counted itself as connected. `ended_ms`: when it gave up, or the
    connection ended before it was done. `close_code`: as the client has it; 1006 is never on a
    wire. `said`: the client's own words.
    """

    opened_ms: float | None = None
    ended_ms: float | None = None
    joined: bool = False
    close_code: int | None = None
    said: str = ""

    @property
    def state(self) -> State:
        """How far it came."""
        if self.joined:
            return State.CHATS
        if self.opened_ms is not None:
            return State.CONNECTS
        return State.SILENT if self.ended_ms is None else State.REFUSED


class Visit(msgspec.Struct, frozen=True):
    """One attempt, as a client is asked for it. Each step of it has `patience_s`.

    `transports`: those of Engine.IO that a Socket.IO client may use; None: its default.
    """

    url: str
    room: str
    name: str
    patience_s: float
    transports: tuple[str, ...] | None = None

    def for_script(self) -> dict[str, Any]:
        """The visit as the scripts take it: JSON's types, and milliseconds."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return {**fields, "patience_ms": 1000 * fields.pop("patience_s")}


class Cell(msgspec.Struct, frozen=True):
    """One client at one server, aimed in one way: its word, and beside it the wire's.

    `statuses`: of every HTTP response, in their order. `closes`: every close frame, as in
    "down 1000". `reason`: why it was not tested.
    """

    wire: str
    client: str
    aim: Aim
    state: State
    report: Report = Report()
    statuses: tuple[int, ...] = ()
    closes: tuple[str, ...] = ()
    tape: Tape | None = None
    reason: str = ""

    @property
    def label(self) -> str:
        """Who knocked where, and how."""
        straight = ", straight to Engine.IO's WebSocket" if self.aim is Aim.ENGINE_IO else ""
        return f"{self.client} at {self.wire}{straight}"


class Matrix(msgspec.Struct, frozen=True):
    """Every client at every server. `wires`, `clients`: name -> what it is, with its version."""

    wires: Mapping[str, str]
    clients: Mapping[str, str]
    patience_s: float
    cells: tuple[Cell, ...]

    def cell(self, wire: str, client: str, aim: Aim) -> Cell:
        """The one cell. Raises LookupError where there is none."""
        for cell in self.cells:
            if (cell.wire, cell.client, cell.aim) == (wire, client, aim):
                return cell
        raise LookupError(f"no cell of {client} at {wire}, aimed {aim}")
