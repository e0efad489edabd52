"""The transport `node-socketio-polling`: socket.io in Node, over HTTP long-polling only.

The server holds a GET until it has packets, and the client sends its packets in a POST. Nothing is
ever upgraded to WebSocket. `node/socketio.mjs` is the server, and `node/backlog.mjs` bounds what
waits for the next poll; the client is python-socketio's (`_socketio/client.py`).
"""

from __future__ import annotations

from msgspec.structs import replace

from lab.contract import Capability
from transports._node.socketio import CAPABILITIES, NodeSocketioTransport


class NodeSocketioPolling(NodeSocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in the bodies of HTTP requests, without an upgrade."""

    name = "node-socketio-polling"
    summary = "Socket.IO over HTTP long-polling only, on socket.io in Node"
    tuned = "socketio-polling-tuned"
    transports = ("polling",)
    capabilities = CAPABILITIES | {Capability.HTTP_SESSION, Capability.KEPT_ALIVE}
    # Each body is a message of its own.
    compression = replace(NodeSocketioTransport.compression, forgets=False, note="gzip")
