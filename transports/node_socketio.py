"""The transport `node-socketio`: socket.io in Node, with its default: polling, then an upgrade.

A session begins with polls and moves to a WebSocket as soon as one is open. On socket.io in Node a
client is connected before that move, while python-socketio's client waits for it. The server is
`node/socketio.mjs`; the client is python-socketio's (`_socketio/client.py`).
"""

from __future__ import annotations

from lab.contract import Capability
from transports._node.socketio import CAPABILITIES, NodeSocketioTransport


class NodeSocketioDefault(NodeSocketioTransport):
    """Socket.IO's default: polling, then an upgrade to WebSocket."""

    name = "node-socketio"
    summary = "Socket.IO's default, polling then upgrade, on socket.io in Node"
    tuned = "socketio-tuned"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES | {
        Capability.WEBSOCKET,
        Capability.HTTP_SESSION,
        Capability.MASK_CHECK,
    }
