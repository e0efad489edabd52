"""The wire `socketio`: python-socketio, its default: polling first, then an upgrade."""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio import CAPABILITIES, SocketioTransport


class SocketioDefault(SocketioTransport):
    """What Socket.IO does unless told otherwise: polling, then an upgrade to WebSocket."""

    name = "socketio"
    summary = "Socket.IO's default, polling then upgrade, on python-socketio"
    tuned = "socketio-tuned"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES | {Capability.WEBSOCKET, Capability.HTTP_SESSION}
