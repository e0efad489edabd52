"""Every case, by the protocol that it is of."""

from __future__ import annotations

from collections.abc import Iterable

from lab.judge.case import Case
from lab.judge.engineio import handshake, life, upgrade
from lab.judge.room import gone, pace, refusals, scripts
from lab.judge.room.talk import NATIVE, ON_SOCKETIO
from lab.judge.socketio import entering, events, invalid
from lab.judge.websocket.cases import CASES as WEBSOCKET

CASES: dict[str, tuple[Case, ...]] = {
    "websocket": WEBSOCKET,
    "engineio": (*handshake.CASES, *life.CASES, *upgrade.CASES),
    "socketio": (*entering.CASES, *events.CASES, *invalid.CASES),
    "room": (*scripts.CASES, *gone.CASES, *pace.CASES, *refusals.CASES),
}
"""Protocol -> its cases; those of the room are for native WebSocket and for Socket.IO."""


def cases_of(protocols: Iterable[str], socket_io: bool | None = None) -> list[Case]:
    """The cases of these protocols; `socket_io` says which of the room's."""
    found = [case for name in protocols for case in CASES[name]]
    if socket_io is None:
        return found
    other = NATIVE if socket_io else ON_SOCKETIO
    return [case for case in found if not case.group.startswith(f"{other}/")]
