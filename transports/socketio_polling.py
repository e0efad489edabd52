"""The wire `socketio-polling`: python-socketio, HTTP long-polling only."""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio import CAPABILITIES, SocketioTransport


class SocketioPolling(SocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in the bodies of HTTP requests, never upgraded."""

    name = "socketio-polling"
    summary = "Socket.IO over HTTP long-polling only, on python-socketio"
    tuned = "socketio-polling-tuned"
    transports = ("polling",)
    capabilities = CAPABILITIES | {Capability.HTTP_SESSION, Capability.KEPT_ALIVE}
