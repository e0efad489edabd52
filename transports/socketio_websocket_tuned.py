"""The transport `socketio-websocket-tuned`: Socket.IO over WebSocket only, without a library.

Each Engine.IO packet is one text frame: `42["message",{…}]` is an event, `430[…]` the reply to the
packet with the id 0, `2` and `3` are the heartbeat. Nothing is polled, so a session is one TCP
connection. `_tuned/engineio/` has the server: `packets.py` the packets, `session.py` the heartbeat,
`transport.py` the room.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio.transport import CAPABILITIES
from transports._tuned.engineio.transport import TunedSocketio


class SocketioWebSocketTuned(TunedSocketio):
    """Engine.IO 4 and Socket.IO 5 in WebSocket frames, with little work for each delivery."""

    name = "socketio-websocket-tuned"
    summary = "Socket.IO over WebSocket only, by hand, written for speed"
    tuned = "socketio-websocket-tuned"
    limit_transport = "limit-gathered"
    transports = ("websocket",)
    capabilities = CAPABILITIES | {
        Capability.WEBSOCKET,
        Capability.MASK_CHECK,
        Capability.OWN_HTTP,
    }
