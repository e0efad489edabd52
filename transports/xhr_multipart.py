"""The wire `xhr-multipart`: one response of many parts, as Firefox once gave them to a page.

    GET /socket.io/1/xhr-multipart/<sid>?t=<ms>
    200 multipart/x-mixed-replace; boundary="socketio"

    --socketio
    Content-Type: text/plain

    4:::{"type":"message",…}
    --socketio

Each part replaces the one before, which Firefox told the page of. Today's browsers hand over the
response as it stands, boundaries and all, so that the page has to cut it by itself. A text may say
`--socketio`, but not on a line of its own: JSON has no line end inside a string.
"""

from __future__ import annotations

from transports._fallback import Fallback
from transports._fallback_format import Packets, Query, Streaming
from transports._fallback_packets import MalformedError, payload

BOUNDARY = b"--socketio\n"
PART = b"Content-Type: text/plain\n\n"


class XhrMultipart(Streaming, Fallback):
    """A write is a part, with the boundary that ends it."""

    name = "xhr-multipart"
    summary = "AJAX multipart streaming in Socket.IO 0.6's envelope, bare"
    content_type = 'multipart/x-mixed-replace; boundary="socketio"'
    prelude = BOUNDARY
    terminator = b"\n" + BOUNDARY

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return PART + payload(packets) + self.terminator

    def decode(self, part: bytes) -> bytes:
        """See `Streaming`."""
        part = part.removeprefix(BOUNDARY)
        if not part.startswith(PART):
            raise MalformedError("a part begins with its Content-Type and an empty line")
        return part.removeprefix(PART)
