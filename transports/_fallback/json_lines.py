"""Lines of JSON as a format of packets (https://github.com/ndjson/ndjson-spec).

Each line is one JSON text:

- an object is a command or an event of the room;
- an array is a packet of the session: its type, and its data if it has some. `[2]` is a heartbeat,
  `[0]` the end. `[4,…]` carries what is said to the room and is no object, so that no text can be
  taken for a packet.

A POST has the same lines.
"""

from __future__ import annotations

__pure__ = True

import re

from transports._fallback.format import Packets, Query, Streaming
from transports._fallback.packets import MalformedError, message, payload, split

MESSAGE = message(b"")
OBJECT, LINE_END = b"{", b"\n"

_array = re.compile(rb"\[([0-8])(?:,(.*))?\]", re.DOTALL)


class JsonLines(Streaming):
    """A packet is a line. JSON contains no line end, so a line needs no length and no escape."""

    content_type = "application/x-ndjson"
    terminator = LINE_END
    # A POST of this default type (text/plain) needs no permission beforehand from a server of
    # another origin (Fetch, section 2.2.2: CORS-safelisted).

    def encode(self, packets: Packets, query: Query) -> bytes:
        """See `Format`."""
        return b"".join(map(_line, packets))

    def decode(self, part: bytes) -> bytes:
        """See `Streaming`."""
        return _packet_of(part)

    def encode_up(self, payload: bytes) -> bytes:
        """See `Format`."""
        return b"".join(_line(packet.encode()) for packet in split(payload.decode()))

    def decode_up(self, body: bytes) -> bytes:
        """See `Format`."""
        *lines, rest = body.split(LINE_END)
        if rest or not lines:
            raise MalformedError("a body must be lines, each with its end")
        return payload(tuple(map(_packet_of, lines)))


def _line(packet: bytes) -> bytes:
    """The line of one packet."""
    if packet.startswith(MESSAGE + OBJECT):
        return packet[len(MESSAGE) :] + LINE_END
    parts = packet.split(b":", 3)  # type, id, endpoint, data
    return b"[" + b",".join((parts[0], *parts[3:])) + b"]" + LINE_END


def _packet_of(line: bytes) -> bytes:
    """The packet of one line.

    Raises:
        MalformedError: the line is neither an object nor a packet of the session.
    """
    if line.startswith(OBJECT):
        return MESSAGE + line
    match = _array.fullmatch(line)
    if match is None:
        raise MalformedError("a line must be an object, or [type] or [type,data]")
    kind, data = match.groups()
    return kind + b"::" if data is None else kind + b":::" + data
