"""The transport `sse-h2`: server-sent events, whose requests are streams of HTTP/2.

    -> HEADERS :method GET, :path /socket.io/1/sse-h2/<sid>?t=<ms>
    <- HEADERS :status 200, content-type text/event-stream
    <- DATA    data:4:::{"type":"message",…}

A browser opens at most six connections of HTTP/1.1 to a server, and each `EventSource` keeps one.
Over HTTP/2 all of them are streams of one connection (docs/http2.md). The server, the client and
the format are those of `sse`.
"""

from __future__ import annotations

from transports._fallback.event_stream import EventStream
from transports._h2.http import FallbackOverHttp2


class SseH2(EventStream, FallbackOverHttp2):
    """`sse`, each of whose requests is a stream."""

    name = "sse-h2"
    summary = "server-sent events (EventSource) as streams of HTTP/2"
