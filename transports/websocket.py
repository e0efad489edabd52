"""The transport `websocket`: native WebSocket on the library `websockets`.

One connection is one WebSocket. One text frame is one command or event in JSON, with its type as
the first field (docs/room.md):

    -> {"type":"say","id":7,"room":"den","text":"hello"}
    <- {"type":"said","id":7,"room":"den","seq":42,"at":1700000000000}
    <- {"type":"message","room":"den","seq":42,"name":"ann","text":"hello","at":1700000000000}

What a Socket.IO library does for its users is done here by hand. The parts are shared with the
other native transports:

- `_native/websockets.py`: the server on this library, with heartbeat, bound and admission.
- `_native/server.py`: commands in, events out, and what happens to a frame that is not a command.
- `_native/client.py`: the client, which matches a reply to its command by `id`.
- `_shared/membership.py`: which connection is in which room.
"""

from __future__ import annotations

from transports._native.websockets import OnWebsockets


class WebSocket(OnWebsockets):
    """RFC 6455 as the library `websockets` implements it."""

    name = "websocket"
    summary = "native WebSocket on websockets"
    tuned = "websocket-tuned"
