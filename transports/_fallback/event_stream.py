"""Server-sent events as a format of packets (WHATWG HTML section 9.2).

An event is a line, `data:` and one packet, and an empty line.
"""

from __future__ import annotations

__pure__ = True

from transports._fallback.format import Packets, Query, Streaming
from transports._fallback.packets import MalformedError

DATA = b"data:"


class EventStream(Streaming):
    """A packet is an event. JSON contains no line end, so a packet is one line."""

    content_type = "text/event-stream; charset=UTF-8"
    terminator = b"\n\n"

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return b"".join(DATA + packet + self.terminator for packet in packets)

    def decode(self, part: bytes) -> bytes:
        """See `Streaming`."""
        if not part.startswith(DATA) or b"\n" in part:
            raise MalformedError("an event must be one line of data")
        return part.removeprefix(DATA)
