"""Read the packets of Socket.IO protocol revision 1, which Socket.IO 0.7 to 0.9 speak.

https://github.com/LearnBoost/socket.io-spec: a packet is `type:id:endpoint[:data]`. A payload is
several packets, each after its length between two U+FFFD. Each reader claims all of its text.
What breaks the protocol becomes `Undecodable`.
"""

from __future__ import annotations

import re

from lab.decode.chat_json import printable, read_said, undecodable
from lab.decode.tree import EarlyPacket, Node, Segment
from lab.decode.view import Content, View

TYPES = (
    "disconnect",
    "connect",
    "heartbeat",
    "message",
    "json",
    "event",
    "ack",
    "error",
    "noop",
)
CARRIERS = ("message", "json", "event", "ack")
"""The types whose data is the application's."""

_packet = re.compile(rb"([0-8]):[0-9]*\+?:[^:]*:?")
_framed = re.compile(rb"\xef\xbf\xbd([0-9]{1,9})\xef\xbf\xbd")
_opened = re.compile(rb"([^:]+):([0-9]{0,9}):([0-9]{0,9}):([^:]*)")


def read_payload(view: View, start: int, end: int) -> Content:
    """What one body or one write carries: a packet alone, or several with their lengths."""
    if not _framed.match(view.text, start, end):
        return Content((), (read_packet(view, start, end),))
    segments: list[Segment] = []
    nodes: list[Node] = []
    while start < end:
        frame = _framed.match(view.text, start, end)
        stop = after_units(view.text, frame.end(), end, int(frame[1])) if frame else None
        if frame is None or stop is None:
            reason = "a packet is not as long as its length says"
            nodes.append(undecodable(view, start, end, reason))
            break
        segments += view.own(start, frame.end(), "framing", "socketio")
        nodes.append(read_packet(view, frame.end(), stop))
        start = stop
    return Content(tuple(segments), tuple(nodes))


def after_units(text: bytes, start: int, end: int, units: int) -> int | None:
    """Where so many UTF-16 code units, which JavaScript counts, end in UTF-8 text.

    None where the text is shorter, or the last one is half of a surrogate pair.
    """
    if start + units <= end and text[start : start + units].isascii():
        return start + units
    # A unit takes 3 bytes at most; one more shows whether the last is half of a pair.
    characters = text[start : min(end, start + 3 * units + 1)].decode(errors="surrogateescape")
    counted = characters.encode("utf-16-le", "surrogatepass")[: 2 * units]
    if len(counted) < 2 * units:
        return None
    try:
        return start + len(
            counted.decode("utf-16-le", "surrogatepass").encode(errors="surrogateescape")
        )
    except UnicodeEncodeError:
        return None


def read_packet(view: View, start: int, end: int) -> Node:
    """One packet."""
    match = _packet.match(view.text, start, end)
    if match is None:
        reason = "packets of Socket.IO 0.9 begin with a digit from 0 to 8 and a colon"
        return undecodable(view, start, end, reason)
    name = TYPES[int(match[1])]
    body = match.end()
    inner: tuple[Node, ...] = ()
    if name in CARRIERS and body < end:
        inner = (read_said(view, body, end, "socketio", name),)
    data = printable(view.text[body:end].decode(errors="replace")) if not inner else ""
    return EarlyPacket(
        **view.place(start, end),
        name=name,
        data=data or None,
        summary=f"Socket.IO {name} {data}".rstrip(),
        segments=view.own(start, body if inner else end, "framing", "socketio"),
        children=inner,
    )


def read_open(view: View, start: int, end: int) -> Node:
    """The answer to a handshake: session, heartbeat and close timeout in seconds, transports."""
    match = _opened.fullmatch(view.text, start, end)
    if match is None:
        reason = "a handshake of Socket.IO 0.9 is session:heartbeat:close:transports"
        return undecodable(view, start, end, reason)
    parts = [part.decode(errors="replace") for part in match.groups()]
    session, heartbeat, close, transports = parts
    data = {
        "sid": session,
        "heartbeat_timeout_s": int(heartbeat or 0),
        "close_timeout_s": int(close or 0),
        "transports": transports.split(","),
    }
    return EarlyPacket(
        **view.place(start, end),
        name="open",
        data=data,
        summary=printable(f"Socket.IO handshake, session {session}"),
        segments=view.own(start, end, "framing", "socketio"),
    )
