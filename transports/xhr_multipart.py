"""The transport `xhr-multipart`: one response of many parts, which never ends.

    GET /socket.io/1/xhr-multipart/<sid>?t=<ms>
    200 multipart/x-mixed-replace; boundary="socketio"

    --socketio
    Content-Type: text/plain

    4:::{"type":"message",…}
    --socketio

Each part replaces the one before, and Firefox once gave each part to the page (Socket.IO 0.1 to
0.6). Today's browsers give the page the whole response with its boundaries, so the page has to cut
it. A text may contain `--socketio`, but never as a whole line: JSON has no line end in a string.
The server, the session and the client are in `_fallback/`; this file is the format.
"""

from __future__ import annotations

from transports._fallback.format import Packets, Query, Streaming
from transports._fallback.packets import MalformedError, payload
from transports._fallback.transport import Fallback

BOUNDARY = b"--socketio\n"
PART = b"Content-Type: text/plain\n\n"


class XhrMultipart(Streaming, Fallback):
    """Each write is one part and the boundary after it."""

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
            raise MalformedError("a part must begin with its Content-Type and an empty line")
        return part.removeprefix(PART)
