"""The wire `socketio-websocket`: python-socketio, WebSocket only."""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio import CAPABILITIES, SocketioTransport


class SocketioWebSocket(SocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in WebSocket frames from the first request on."""

    name = "socketio-websocket"
    summary = "Socket.IO over WebSocket only, on python-socketio"
    tuned = "socketio-websocket-tuned"
    transports = ("websocket",)
    capabilities = CAPABILITIES | {Capability.WEBSOCKET}
