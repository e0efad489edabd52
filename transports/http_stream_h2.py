"""The transport `http-stream-h2`: streamable HTTP, whose requests are streams of HTTP/2.

    -> HEADERS :method GET, :path /socket.io/1/http-stream-h2/<sid>?t=<ms>
    <- HEADERS :status 200, content-type application/x-ndjson
    <- DATA    {"type":"message",…}

The open answer and every POST are streams of one connection (docs/http2.md). The server, the client
and the format are those of `http-stream`.
"""

from __future__ import annotations

from transports._fallback.json_lines import JsonLines
from transports._h2.http import FallbackOverHttp2


class HttpStreamH2(JsonLines, FallbackOverHttp2):
    """`http-stream`, each of whose requests is a stream."""

    name = "http-stream-h2"
    summary = "streamable HTTP: lines of JSON (fetch) as streams of HTTP/2"
