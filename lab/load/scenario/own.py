"""The scenario of the lab's own room, to load a transport's server in the way of a target."""

from __future__ import annotations

import msgspec

from lab.contract import Capability, Transport
from lab.scenario import Scenario

ROOM = "{room}"
TEXT = "{id} {text:55}"
"""64 bytes, as in the lab's other experiments."""
NATIVE = {
    "connect": {"transport": "websocket"},
    "setup": [
        {
            "json": {"type": "join", "id": 1, "room": ROOM, "name": "{client}"},
            "answer": {"match": {"type": "joined"}},
        }
    ],
    "send": {"json": {"type": "say", "id": "{id:number}", "room": ROOM, "text": TEXT}},
    "answer": {"match": {"type": "said"}, "id": "id"},
    "broadcast": {"to": "room", "what": {"match": {"type": "message"}, "id": "text"}},
}
SOCKET_IO = {
    "setup": [{"event": "join", "args": [{"room": ROOM, "name": "{client}"}], "answer": "ack"}],
    "send": {"event": "say", "args": [{"room": ROOM, "text": TEXT}]},
    "answer": "ack",
    "broadcast": {"to": "room", "what": {"event": "message", "id": "0.text"}},
}


def own_scenario(transport: Transport) -> Scenario | None:
    """The room's scenario on a transport; None if no client of a scenario speaks it.

    Socket.IO's default mode is spoken as after its upgrade: over its WebSocket.
    """
    can = transport.capabilities
    if Capability.NATIVE_FRAMES in can:
        tables = NATIVE
    elif Capability.DEFAULT_PARSER in can:
        mode = "websocket" if Capability.WEBSOCKET in can else "polling"
        tables = {**SOCKET_IO, "connect": {"transport": "socketio", "mode": mode}}
    else:
        return None
    return msgspec.convert({"name": transport.name, **tables}, Scenario)
