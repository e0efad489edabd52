"""The wire `socketio-polling-tuned`: Socket.IO over HTTP long-polling only, without a library."""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio import CAPABILITIES
from transports._tuned_socketio import TunedSocketio


class SocketioPollingTuned(TunedSocketio):
    """Engine.IO 4 and Socket.IO 5 in HTTP bodies, each response built once for all who get it."""

    name = "socketio-polling-tuned"
    summary = "Socket.IO over HTTP long-polling only, by hand, written for speed"
    tuned = "socketio-polling-tuned"
    floor = "limit-gathered"
    transports = ("polling",)
    capabilities = CAPABILITIES | {Capability.HTTP_SESSION, Capability.KEPT_ALIVE}
