"""The wire `node-socketio`: socket.io in Node, its default: polling first, then an upgrade."""

from __future__ import annotations

from lab.contract import Capability
from transports._node_socketio import CAPABILITIES, NodeSocketioTransport


class NodeSocketioDefault(NodeSocketioTransport):
    """What Socket.IO does unless told otherwise: polling, then an upgrade to WebSocket."""

    name = "node-socketio"
    summary = "Socket.IO's default, polling then upgrade, on socket.io in Node"
    tuned = "socketio-tuned"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES | {
        Capability.WEBSOCKET,
        Capability.HTTP_SESSION,
        Capability.MASK_CHECK,
    }
