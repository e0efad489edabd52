"""The wire `node-socketio-polling`: socket.io in Node, HTTP long-polling only."""

from __future__ import annotations

from lab.contract import Capability
from transports._node_socketio import CAPABILITIES, NodeSocketioTransport


class NodeSocketioPolling(NodeSocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in the bodies of HTTP requests, never upgraded."""

    name = "node-socketio-polling"
    summary = "Socket.IO over HTTP long-polling only, on socket.io in Node"
    tuned = "socketio-polling-tuned"
    transports = ("polling",)
    capabilities = CAPABILITIES | {Capability.HTTP_SESSION, Capability.KEPT_ALIVE}
