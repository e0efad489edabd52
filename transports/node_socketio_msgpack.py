"""The transport `node-socketio-msgpack`: `node-socketio-websocket` with packets in msgpack.

The server is `node/socketio.mjs` with npm's `socket.io-msgpack-parser` (`node/msgpack.mjs`);
the client is python-socketio's. `socketio_msgpack.py` shows the packets.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._node import versions as node_versions
from transports._node.socketio import CAPABILITIES, NodeSocketioTransport
from transports._socketio.msgpack import MSGPACK


class NodeSocketioMsgpack(NodeSocketioTransport):
    """Engine.IO 4 in WebSocket frames, with Socket.IO's packets in msgpack."""

    name = "node-socketio-msgpack"
    summary = "Socket.IO over WebSocket only, its packets in msgpack, on socket.io in Node"
    transports = ("websocket",)
    parser = MSGPACK
    parser_module = "msgpack"
    capabilities = CAPABILITIES - {Capability.DEFAULT_PARSER} | {
        Capability.MSGPACK_PARSER,
        Capability.WEBSOCKET,
        Capability.MASK_CHECK,
    }

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return super().unavailable() or node_versions.unavailable("socket.io-msgpack-parser")
