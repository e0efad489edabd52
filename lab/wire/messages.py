"""Beside the wire: from an HTTP message to its nodes, with whatever its body carries inside.

Which protocol a body carries is told by the request's target: `EIO=` in the query means Engine.IO,
`/socket.io/1/` a fallback as Socket.IO 0.9 had it. A response that stays open becomes a node for
its head and one for each write.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import h11
from msgspec import structs

from lab.wire.fallbacks.bodies import read_down, read_refusal, read_up
from lab.wire.fallbacks.parts import split
from lab.wire.fallbacks.streams import FORMATS, Format
from lab.wire.fallbacks.target import Target, target_of
from lab.wire.frames import compressed_content
from lab.wire.http1 import Head, Message
from lab.wire.packets import read_binary, read_packet, read_payload
from lab.wire.tree import (
    HttpRequest,
    HttpResponse,
    Incomplete,
    Node,
    Segment,
    Text,
    Undecodable,
)
from lab.wire.view import Content, Stream, View, inflate
from lab.wire.words import printable, read_plain, undecodable


class Purpose(NamedTuple):
    """What an exchange is for, from its request."""

    method: str = ""
    engine_io: bool = False
    fallback: Target | None = None


def purpose_of(request: h11.Request) -> Purpose:
    """Read the purpose from method and target."""
    target = text(request.target)
    query = query_of(target)
    # With `j` it is JSONP: the packets stand inside JavaScript, and are not looked for there.
    return Purpose(text(request.method), "EIO" in query and "j" not in query, target_of(target))


def query_of(target: str) -> dict[str, str]:
    """The parameters of a target, the first of each name; {} where there are none to be read."""
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    except ValueError:
        return {}


def http_nodes(stream: Stream, message: Message, exchange: int, purpose: Purpose) -> list[Node]:
    """The nodes of a message, and after an unfinished or broken one the rest of the stream."""
    nodes = _nodes(stream, message, exchange, purpose)
    if message.problem and message.end < len(stream.data):
        nodes.append(rest(stream, message.end, message.problem, unfinished=not message.broken))
    return nodes


def rest(stream: Stream, start: int, reason: str, *, unfinished: bool = False) -> Node:
    """All bytes from `start` on, which nobody can read."""
    kind = Incomplete if unfinished else Undecodable
    end = len(stream.data)
    return kind(
        **stream.place(start, end),
        reason=reason,
        summary=printable(f"{kind.__name__.lower()}: {reason}"),
        segments=(Segment(start, end, "undecodable", "unknown"),),
    )


def _nodes(stream: Stream, message: Message, exchange: int, purpose: Purpose) -> list[Node]:
    if message.head is None:
        return []
    form = form_of(message.head, purpose)
    if form is None:
        body = _body(stream, message, purpose)
        content = Content((*_framing(message), *body.segments), body.children)
        return [message_node(stream, message, exchange, purpose, content)]
    found = split(stream, message, exchange, form)
    head = message_node(stream, found.head, exchange, purpose, found.content)
    return [structs.replace(head, complete=message.complete), *found.parts]


def form_of(head: Head, purpose: Purpose) -> Format | None:
    """How a response is written that stays open; None for all else."""
    if purpose.fallback is None or purpose.method != "GET" or _status(head) != 200:
        return None
    coded = "content-encoding" in dict(_headers(head))  # where writes end can't be told then
    return None if coded else FORMATS.get(purpose.fallback.transport)


def message_node(
    stream: Stream, message: Message, exchange: int, purpose: Purpose, content: Content
) -> Node:
    """The node of a message, whose content is known."""
    head = message.head
    where = stream.place(message.start, message.end)
    children = content.children
    if message.problem:
        end = stream.place(message.end, message.end)
        note = f"incomplete: {message.problem}"
        children += (Incomplete(**end, reason=message.problem, summary=printable(note)),)
    if isinstance(head, h11.Request):
        return HttpRequest(
            **where,
            exchange=exchange,
            method=purpose.method,
            target=text(head.target),
            headers=_headers(head),
            complete=message.complete,
            summary=printable(f"{purpose.method} {text(head.target)}"),
            segments=content.segments,
            children=children,
        )
    assert isinstance(head, h11.Response | h11.InformationalResponse)
    return HttpResponse(
        **where,
        exchange=exchange,
        status=head.status_code,
        headers=_headers(head),
        complete=message.complete,
        summary=printable(f"{head.status_code} {text(head.reason)}".strip()),
        segments=content.segments,
        children=children,
    )


def _framing(message: Message) -> tuple[Segment, ...]:
    """The head, and what lies between the pieces of the body."""
    between = (Segment(*gap, "framing", "http") for _, gap in message.gaps)
    return (Segment(message.start, message.body, "http", "http"), *between)


def _body(stream: Stream, message: Message, purpose: Purpose) -> Content:
    if not message.spans or message.head is None:
        return Content()
    headers = dict(_headers(message.head))
    raw = b"".join(stream.data[start:end] for start, end in message.spans)
    view = View(stream, tuple(message.spans), raw)
    try:
        inner = inflate(view, headers.get("content-encoding", "").strip().lower())
    except ValueError as error:
        return Content((), (undecodable(view, 0, len(raw), str(error)),))
    content = _read(inner, message, purpose, headers.get("content-type", "body"))
    return content if inner.exact else compressed_content(view, content)


def _read(view: View, message: Message, purpose: Purpose, what: str) -> Content:
    up = view.stream.direction == "up"
    if not message.complete or not (purpose.engine_io or purpose.fallback):
        return read_plain(view, "http", what)
    if not up and _status(message.head) != 200:
        return read_refusal(view, what) if purpose.fallback else read_plain(view, "http", what)
    if purpose.method == ("POST" if up else "GET"):
        return _carried(view, purpose.fallback, up)
    # The body of the answer to a POST, "ok", says nothing that its status does not.
    end = len(view.text)
    segments = view.own(0, end, "framing", "engineio" if purpose.engine_io else "socketio")
    summary = printable(view.text.decode("utf-8", "replace"))
    return Content((), (Text(**view.place(0, end), summary=summary, segments=segments),))


def _carried(view: View, fallback: Target | None, up: bool) -> Content:
    """The packets of a body that is there to carry them."""
    if fallback is None:
        return read_payload(view)
    return read_up(view, fallback) if up else read_down(view, fallback)


def _status(head: Head | None) -> int:
    """A response's status; 0 of a request."""
    return 0 if head is None or isinstance(head, h11.Request) else head.status_code


def read_message(view: View, is_text: bool, *, engine_io: bool) -> Content:
    """What a whole WebSocket message carries."""
    if is_text and not _is_utf8(view.text):
        reason = "a text message is not UTF-8 (RFC 6455 section 8.1)"
        return Content((), (undecodable(view, 0, len(view.text), reason),))
    if not engine_io:
        return read_plain(view, "websocket", "text" if is_text else "binary")
    return Content((), (read_packet(view, 0, len(view.text)) if is_text else read_binary(view),))


def switched_to(response: h11.InformationalResponse) -> tuple[str, str]:
    """The protocol that a 101 names (RFC 9110 section 15.2.2), and WebSocket's extensions."""
    headers = dict(_headers(response))
    return headers.get("upgrade", ""), headers.get("sec-websocket-extensions", "")


def is_websocket(protocol: str) -> bool:
    """Whether that is the protocol of RFC 6455."""
    return protocol.strip().lower() == "websocket"


def text(data: bytes) -> str:
    """Header bytes as a string; latin-1 maps each byte, so nothing is lost."""
    return bytes(data).decode("latin-1")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _headers(head: Head) -> tuple[tuple[str, str], ...]:
    return tuple((text(name), text(value)) for name, value in head.headers)
