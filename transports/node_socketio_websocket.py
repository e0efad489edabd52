"""The wire `node-socketio-websocket`: socket.io in Node, WebSocket only."""

from __future__ import annotations

from lab.contract import Capability
from transports._node_socketio import CAPABILITIES, NodeSocketioTransport


class NodeSocketioWebSocket(NodeSocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in WebSocket frames from the first request on."""

    name = "node-socketio-websocket"
    summary = "Socket.IO over WebSocket only, on socket.io in Node"
    tuned = "socketio-websocket-tuned"
    transports = ("websocket",)
    capabilities = CAPABILITIES | {Capability.WEBSOCKET, Capability.MASK_CHECK}
