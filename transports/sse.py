"""The wire `sse`: server-sent events, what the streams became when browsers learned to stream.

    GET /socket.io/1/sse/<sid>?t=<ms>
    200 text/event-stream

    data:4:::{"type":"message",…}

WHATWG HTML section 9.2: an event is a line or more and an empty one. A page needs no parser of its
own: `new EventSource(url).onmessage` gets the packets. Up they still go by POST.
"""

from __future__ import annotations

from transports._fallback import Fallback
from transports._fallback_format import Packets, Query, Streaming
from transports._fallback_packets import MalformedError

DATA = b"data:"


class Sse(Streaming, Fallback):
    """A packet is an event: JSON has no line end that would cut it in two."""

    name = "sse"
    summary = "server-sent events (EventSource), the fallbacks' successor, bare"
    content_type = "text/event-stream; charset=UTF-8"
    terminator = b"\n\n"

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return b"".join(DATA + packet + self.terminator for packet in packets)

    def decode(self, part: bytes) -> bytes:
        """See `Streaming`."""
        if not part.startswith(DATA) or b"\n" in part:
            raise MalformedError("an event is one line of data")
        return part.removeprefix(DATA)
