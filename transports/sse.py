"""The transport `sse`: server-sent events, the standard that replaced the old streams.

    GET /socket.io/1/sse/<sid>?t=<ms>
    200 text/event-stream

    data:4:::{"type":"message",…}

WHATWG HTML section 9.2: an event is one or more lines and an empty line. A page needs no parser:
`new EventSource(url).onmessage` gets the packets. The client sends its packets by POST. The server,
the session and the client are those of all fallbacks; `_fallback/event_stream.py` is the format.
"""

from __future__ import annotations

from transports._fallback.event_stream import EventStream
from transports._fallback.transport import Fallback


class Sse(EventStream, Fallback):
    """The format `EventStream` over HTTP/1.1."""

    name = "sse"
    summary = "server-sent events (EventSource), the fallbacks' successor, bare"
