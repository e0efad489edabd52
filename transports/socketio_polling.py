"""The transport `socketio-polling`: python-socketio over HTTP long-polling only.

The server holds a GET until it has packets, and answers with all of them, joined by U+001E. The
client sends its packets in a POST:

    -> POST /socket.io/?EIO=4&transport=polling&sid=<sid>    420["say",{"room":"den","text":"hi"}]
    <- the answer to the pending GET                         430[{"type":"said",…}]

Packets that come up between two polls are in one answer, so polling batches. `_socketio/server.py`
has the room and the order of reply and replay, `_socketio/engine.py` the session,
`_socketio/queue.py` the bound on what waits, `_socketio/client.py` the client.
"""

from __future__ import annotations

from lab.contract import Capability
from transports._socketio.transport import CAPABILITIES, HTTP_COMPRESSION, SocketioTransport


class SocketioPolling(SocketioTransport):
    """Engine.IO 4 and Socket.IO 5 in the bodies of HTTP requests, without an upgrade."""

    name = "socketio-polling"
    summary = "Socket.IO over HTTP long-polling only, on python-socketio"
    tuned = "socketio-polling-tuned"
    transports = ("polling",)
    capabilities = CAPABILITIES | {
        Capability.HTTP_SESSION,
        Capability.KEPT_ALIVE,
        Capability.COMPRESSION,
    }
    compression = HTTP_COMPRESSION
