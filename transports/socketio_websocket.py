"""The transport `socketio-websocket`: python-socketio over WebSocket only.

The first request is the WebSocket handshake, and each packet is one text frame. An event is
`42["message",{…}]`, a command `420["say",{…}]`, and its reply is the acknowledgement `430[{…}]`,
where 0 is the packet's id. `2` and `3` are Engine.IO's ping and pong. `_socketio/server.py` has the
room, `_socketio/engine.py` the session, `_socketio/client.py` the client.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._shared.aiohttp import WEBSOCKET_COMPRESSION
from transports._socketio.transport import CAPABILITIES, SocketioTransport


class SocketioWebSocket(SocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in WebSocket frames, from the first request on."""

    name = "socketio-websocket"
    summary = "Socket.IO over WebSocket only, on python-socketio"
    tuned = "socketio-websocket-tuned"
    transports = ("websocket",)
    # The library's reader waits for interval + timeout from the last packet, however late its ping
    # has left, and ends the session then.
    capabilities = CAPABILITIES - {Capability.PAUSES} | {
        Capability.WEBSOCKET,
        Capability.COMPRESSION,
    }
    compression = WEBSOCKET_COMPRESSION
