"""The transport `node-socketio-websocket`: socket.io in Node, over WebSocket only.

The first request is the WebSocket handshake, and each Engine.IO packet is one frame. This is the
fastest way to use socket.io, and the fair one to compare with `node-websocket`. The server is
`node/socketio.mjs`; the client is python-socketio's (`_socketio/client.py`).
"""

from __future__ import annotations

from lab.contract import Capability
from transports._node.socketio import CAPABILITIES, NodeSocketioTransport


class NodeSocketioWebSocket(NodeSocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in WebSocket frames, from the first request on."""

    name = "node-socketio-websocket"
    summary = "Socket.IO over WebSocket only, on socket.io in Node"
    tuned = "socketio-websocket-tuned"
    transports = ("websocket",)
    capabilities = CAPABILITIES | {Capability.WEBSOCKET, Capability.MASK_CHECK}
