"""The transport `socketio-tuned`: polling, then an upgrade to WebSocket, without a library.

This is Socket.IO's default. A session begins with HTTP requests, one poll after another. The client
then opens a WebSocket, sends `2probe` on it, and moves the session there with the packet `5`. The
server answers the pending poll with a no-op, so that no poll waits during the move, and sends what
was waiting over the WebSocket first. `_tuned/engineio/` has the server: `session.py` the move,
`engine.py` the requests, `transport.py` the room.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio.transport import CAPABILITIES
from transports._tuned.engineio.transport import TunedSocketio


class SocketioTuned(TunedSocketio):
    """Socket.IO's default by hand, with as little work for each delivery as possible."""

    name = "socketio-tuned"
    summary = "Socket.IO's default, polling then upgrade, by hand, written for speed"
    tuned = "socketio-tuned"
    limit_transport = "limit-gathered"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES | {
        Capability.WEBSOCKET,
        Capability.HTTP_SESSION,
        Capability.MASK_CHECK,
        Capability.OWN_HTTP,
    }
