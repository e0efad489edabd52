"""The transport `socketio-polling-tuned`: Socket.IO over HTTP long-polling, without a library.

The server holds a GET until it has packets, and answers with all of them, joined by U+001E. The
client sends its packets in a POST. All members of a room that get the same packets get the same
response, which is built once (`_tuned/engineio/responses.py`). `_tuned/engineio/` has the rest of
the server: `session.py` the polls, `engine.py` the requests, `transport.py` the room.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio.transport import CAPABILITIES
from transports._tuned.engineio.transport import TunedSocketio


class SocketioPollingTuned(TunedSocketio):
    """Engine.IO 4 and Socket.IO 5 in HTTP bodies. All who get the same share one response."""

    name = "socketio-polling-tuned"
    summary = "Socket.IO over HTTP long-polling only, by hand, written for speed"
    tuned = "socketio-polling-tuned"
    limit_transport = "limit-gathered"
    transports = ("polling",)
    capabilities = CAPABILITIES | {
        Capability.HTTP_SESSION,
        Capability.KEPT_ALIVE,
        Capability.OWN_HTTP,
    }
