"""The transport `socketio-msgpack`: `socketio-websocket` with packets in msgpack.

Each packet is one binary frame. An event is the map `{type: 2, nsp: "/", data: ["message", {…}]}`,
a command and its acknowledgement have `id` too. Engine.IO's own packets stay texts. Everything else
is that of `socketio-websocket`, so that the difference between the two is the parser
(`_socketio/msgpack.py`).
"""

from __future__ import annotations

from lab.contract import Capability
from transports._shared.aiohttp import WEBSOCKET_COMPRESSION
from transports._socketio.msgpack import MSGPACK
from transports._socketio.transport import CAPABILITIES, SocketioTransport


class SocketioMsgpack(SocketioTransport):
    """Engine.IO 4 in WebSocket frames, with Socket.IO's packets in msgpack."""

    name = "socketio-msgpack"
    summary = "Socket.IO over WebSocket only, its packets in msgpack, on python-socketio"
    transports = ("websocket",)
    parser = MSGPACK
    # Without pauses for the reason of `socketio-websocket`: both have the same session.
    capabilities = CAPABILITIES - {Capability.DEFAULT_PARSER, Capability.PAUSES} | {
        Capability.MSGPACK_PARSER,
        Capability.WEBSOCKET,
        Capability.COMPRESSION,
    }
    compression = WEBSOCKET_COMPRESSION
