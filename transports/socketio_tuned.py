"""The wire `socketio-tuned`: Socket.IO's default, polling then an upgrade, without a library."""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio import CAPABILITIES
from transports._tuned_socketio import TunedSocketio


class SocketioTuned(TunedSocketio):
    """What Socket.IO does unless told otherwise, as little code as a delivery can do with."""

    name = "socketio-tuned"
    summary = "Socket.IO's default, polling then upgrade, by hand, written for speed"
    tuned = "socketio-tuned"
    floor = "limit-gathered"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES | {
        Capability.WEBSOCKET,
        Capability.HTTP_SESSION,
        Capability.MASK_CHECK,
    }
