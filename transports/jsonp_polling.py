r"""The wire `jsonp-polling`: long polling by script elements, which may come from any site.

    GET /socket.io/1/jsonp-polling/<sid>?t=<ms>&i=0
    200 application/javascript                    io.j[0]("4:::{\"type\":\"message\",…}");

A script element sends no Origin and runs whatever it gets: that is how it crossed sites before
CORS, and why this wire is unsafe. Up goes a form, since forms may cross sites too.
"""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from transports._fallback import Fallback
from transports._fallback_format import Packets, Polling, Query
from transports._fallback_packets import MalformedError, payload
from transports._fallback_script import GROWTH, literal, read_literal

FIELD = "d"
FIELDS_READ = 8
INDEX = "0"
"""Which of the page's callbacks is called: a page with several clients has several."""

_index = re.compile(r"[0-9]{1,9}")
_call = re.compile(rb"io\.j\[[0-9]+\]\((.*)\);", re.DOTALL)


class JsonpPolling(Polling, Fallback):
    """A body calls a function of the page with the payload as a string literal."""

    name = "jsonp-polling"
    summary = "long polling by script elements in Socket.IO 0.9's format, bare"
    unsafe = (
        "script elements know no same-origin rule: any page that can name a session's URL reads it"
    )
    content_type = "application/javascript; charset=UTF-8"
    up_type = "application/x-www-form-urlencoded"
    growth = GROWTH
    query: ClassVar[Query] = {"i": INDEX}
    handshake_query: ClassVar[Query] = {"jsonp": INDEX}

    def answers(self, query: Query) -> bool:
        """See `Format`. The index is written into a script: it has to be one."""
        return _index.fullmatch(_callback(query)) is not None

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return b"io.j[%b](%b);" % (_callback(query).encode(), literal(payload(packets)))

    def decode(self, body: bytes) -> bytes:
        """See `Polling`."""
        match = _call.fullmatch(body)
        if match is None:
            raise MalformedError("a poll is answered by the call of a callback")
        return read_literal(match[1])

    def encode_handshake(self, text: bytes, query: Query) -> tuple[str, bytes]:
        """See `Format`. A page of the server's own site asks for it as it is."""
        if "jsonp" not in query:
            return super().encode_handshake(text, query)
        return self.content_type, self.encode((text,), query)

    def decode_handshake(self, body: bytes) -> bytes:
        """See `Format`."""
        return self.decode(body)

    def encode_up(self, payload: bytes) -> bytes:
        """See `Format`. As a string in JSON, since browsers change line ends in a form."""
        return urlencode({FIELD: msgspec.json.encode(payload.decode())}).encode()

    def decode_up(self, body: bytes) -> bytes:
        """See `Format`."""
        try:
            fields = parse_qsl(body.decode("ascii"), max_num_fields=FIELDS_READ, errors="strict")
        except ValueError:
            fields = []
        values = [value for name, value in fields if name == FIELD]
        if not values:
            raise MalformedError(f"a form has to have a field {FIELD}")
        return read_literal(values[0].encode())


def _callback(query: Query) -> str:
    return query.get("i", query.get("jsonp", INDEX))
