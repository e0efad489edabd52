"""The transport `xhr-polling`: AJAX long polling, as in Socket.IO since 2010.

    GET /socket.io/1/xhr-polling/<sid>?t=<ms>     waits until there are packets
    200 text/plain                                4:::{"type":"message",…}

Each answer ends its request, and the client sends the next one. Packets that come up meanwhile are
in one answer. The client sends its own packets by POST. The server, the session and the client are
in `_fallback/`; this file is the format.
"""

from __future__ import annotations

from transports._fallback.format import PLAIN, Packets, Polling, Query
from transports._fallback.packets import payload
from transports._fallback.transport import GZIP_EACH, Fallback


class XhrPolling(Polling, Fallback):
    """A body is a payload without anything around it."""

    name = "xhr-polling"
    summary = "AJAX long polling in Socket.IO 0.9's format, bare"
    compression = GZIP_EACH
    content_type = PLAIN

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return payload(packets)

    def decode(self, body: bytes) -> bytes:
        """See `Polling`."""
        return body
