r"""The transport `jsonp-polling`: long polling by script elements, which work across sites.

    GET /socket.io/1/jsonp-polling/<sid>?t=<ms>&i=0
    200 application/javascript                    io.j[0]("4:::{\"type\":\"message\",…}");

A script element sends no Origin and runs whatever it gets. That is how pages crossed sites before
CORS, and why this transport is unsafe. The client sends its packets in a form, since forms may
cross sites too. The server, the session and the client are in `_fallback/`; this file is the
format.
"""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from transports._fallback.format import Packets, Polling, Query
from transports._fallback.packets import MalformedError, payload
from transports._fallback.script import GROWTH, literal, read_literal
from transports._fallback.transport import GZIP_EACH, Fallback

FIELD = "d"
FIELDS_READ = 8
INDEX = "0"
"""Which callback of the page is called. A page has one for each of its clients."""

_index = re.compile(r"[0-9]{1,9}")
_call = re.compile(rb"io\.j\[[0-9]+\]\((.*)\);", re.DOTALL)


class JsonpPolling(Polling, Fallback):
    """Each body calls a function of the page with the payload as a string literal."""

    name = "jsonp-polling"
    summary = "long polling by script elements in Socket.IO 0.9's format, bare"
    compression = GZIP_EACH
    unsafe = (
        "script elements know no same-origin rule: any page that can name a session's URL reads it"
    )
    content_type = "application/javascript; charset=UTF-8"
    up_type = "application/x-www-form-urlencoded"
    growth = GROWTH
    frames_documents = True
    query: ClassVar[Query] = {"i": INDEX}
    handshake_query: ClassVar[Query] = {"jsonp": INDEX}

    def answers(self, query: Query) -> bool:
        """See `Format`. The index becomes part of a script, so it must be a number."""
        return _index.fullmatch(_callback(query)) is not None

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return b"io.j[%b](%b);" % (_callback(query).encode(), literal(payload(packets)))

    def decode(self, body: bytes) -> bytes:
        """See `Polling`."""
        match = _call.fullmatch(body)
        if match is None:
            raise MalformedError("the answer to a poll must call a callback")
        return read_literal(match[1])

    def encode_handshake(self, text: bytes, query: Query) -> tuple[str, bytes]:
        """See `Format`. A page of the server's own site gets it without a script."""
        if "jsonp" not in query:
            return super().encode_handshake(text, query)
        return self.content_type, self.encode((text,), query)

    def decode_handshake(self, body: bytes) -> bytes:
        """See `Format`."""
        return self.decode(body)

    def encode_up(self, payload: bytes) -> bytes:
        """See `Format`. The payload is a JSON string, since browsers change line ends in a form."""
        return urlencode({FIELD: msgspec.json.encode(payload.decode())}).encode()

    def decode_up(self, body: bytes) -> bytes:
        """See `Format`."""
        try:
            fields = parse_qsl(body.decode("ascii"), max_num_fields=FIELDS_READ, errors="strict")
        except ValueError:
            fields = []
        values = [value for name, value in fields if name == FIELD]
        if not values:
            raise MalformedError(f"the form must have a field {FIELD}")
        return read_literal(values[0].encode())


def _callback(query: Query) -> str:
    return query.get("i", query.get("jsonp", INDEX))
