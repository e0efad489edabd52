"""The transport `http-stream`: a `fetch` whose answer does not end, in lines of JSON, and POSTs.

    GET /socket.io/1/http-stream/<sid>?t=<ms>
    200 application/x-ndjson

    [1]
    {"type":"message",…}

This is what is called streamable HTTP: a page reads the body of a `fetch` while it arrives, by its
`ReadableStream`. The server, the session and the client are those of all fallbacks;
`_fallback/json_lines.py` is the format.
"""

from __future__ import annotations

from transports._fallback.json_lines import JsonLines
from transports._fallback.transport import Fallback


class HttpStream(JsonLines, Fallback):
    """The format `JsonLines` over HTTP/1.1."""

    name = "http-stream"
    summary = "streamable HTTP: lines of JSON in an answer that stays open (fetch), POSTs up"
