"""The wire `xhr-polling`: AJAX long polling, as Socket.IO did it in 2010 and does it still.

    GET /socket.io/1/xhr-polling/<sid>?t=<ms>     waits until there is something to say
    200 text/plain                                4:::{"type":"message",…}

Each answer ends its request, and the client asks anew. What gathers meanwhile comes in one answer.
"""

from __future__ import annotations

from transports._fallback import Fallback
from transports._fallback_format import PLAIN, Packets, Polling, Query
from transports._fallback_packets import payload


class XhrPolling(Polling, Fallback):
    """A body is a payload, as it is."""

    name = "xhr-polling"
    summary = "AJAX long polling in Socket.IO 0.9's format, bare"
    content_type = PLAIN

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return payload(packets)

    def decode(self, body: bytes) -> bytes:
        """See `Polling`."""
        return body
