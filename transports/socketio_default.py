"""The transport `socketio`: python-socketio with its default, polling and then an upgrade.

A session begins with a GET and a POST. The client then opens a WebSocket, sends `2probe`, gets
`3probe`, and sends `5`: from then on the WebSocket carries the session. python-socketio's client
reports that it is connected after this move, so joining takes more round trips than on
`socketio-websocket`. `_socketio/server.py` has the room, `_socketio/engine.py` the session,
`_socketio/client.py` the client.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio.transport import (
    BOTH_COMPRESSIONS,
    CAPABILITIES,
    SocketioTransport,
)


class SocketioDefault(SocketioTransport):
    """Socket.IO's default: polling, then an upgrade to WebSocket."""

    name = "socketio"
    summary = "Socket.IO's default, polling then upgrade, on python-socketio"
    tuned = "socketio-tuned"
    transports = ("polling", "websocket")
    # The library's reader waits for interval + timeout from the last packet, however late its ping
    # has left, and ends the session then.
    capabilities = CAPABILITIES - {Capability.PAUSES} | {
        Capability.WEBSOCKET,
        Capability.HTTP_SESSION,
        Capability.COMPRESSION,
    }
    compression = BOTH_COMPRESSIONS
