"""The wire `socketio-websocket-tuned`: Socket.IO over WebSocket only, without a library."""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio import CAPABILITIES
from transports._tuned_socketio import TunedSocketio


class SocketioWebSocketTuned(TunedSocketio):
    """Engine.IO 4 and Socket.IO 5 in WebSocket frames, as little code as a delivery can do with."""

    name = "socketio-websocket-tuned"
    summary = "Socket.IO over WebSocket only, by hand, written for speed"
    tuned = "socketio-websocket-tuned"
    floor = "limit-gathered"
    transports = ("websocket",)
    capabilities = CAPABILITIES | {Capability.WEBSOCKET, Capability.MASK_CHECK}
