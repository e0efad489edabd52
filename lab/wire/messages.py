"""Beside the wire: from an HTTP message to its node, with whatever its body carries inside.

Which protocol a body carries is told by the request's target: `EIO=` in the query means Engine.IO.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import h11

from lab.wire.frames import compressed_content
from lab.wire.http1 import Message
from lab.wire.packets import read_binary, read_packet, read_payload
from lab.wire.tree import HttpRequest, HttpResponse, Incomplete, Node, Segment, Text, Undecodable
from lab.wire.view import Content, Stream, View, inflate
from lab.wire.words import printable, read_plain, undecodable


class Purpose(NamedTuple):
    """What an exchange is for, from its request."""

    method: str = ""
    engine_io: bool = False


def purpose_of(request: h11.Request) -> Purpose:
    """Read the purpose from method and target."""
    query = query_of(text(request.target))
    # With `j` it is JSONP: the packets stand inside JavaScript, and are not looked for there.
    return Purpose(text(request.method), "EIO" in query and "j" not in query)


def query_of(target: str) -> dict[str, str]:
    """The parameters of a target, the first of each name; {} where there are none to be read."""
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    except ValueError:
        return {}


def http_nodes(stream: Stream, message: Message, exchange: int, purpose: Purpose) -> list[Node]:
    """The node of a message, and after an unfinished or broken one the rest of the stream."""
    nodes = (
        [] if message.head is None else [_node(stream, message, message.head, exchange, purpose)]
    )
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


def _node(stream: Stream, message: Message, head: object, exchange: int, purpose: Purpose) -> Node:
    content = _body(stream, message, purpose)
    where = stream.place(message.start, message.end)
    segments = (*_framing(message), *content.segments)
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
            segments=segments,
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
        segments=segments,
        children=children,
    )


def _framing(message: Message) -> tuple[Segment, ...]:
    """The head, and what lies between the pieces of the body: chunk sizes, line ends, trailers."""
    found = [Segment(message.start, message.body, "http", "http")]
    at = message.body
    for start, end in [*message.spans, (message.end, message.end)]:
        if at < start:
            found.append(Segment(at, start, "framing", "http"))
        at = end
    return tuple(found)


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
    carrier = "POST" if view.stream.direction == "up" else "GET"
    fine = not isinstance(message.head, h11.Response) or message.head.status_code == 200
    if not (purpose.engine_io and fine and message.complete):
        return read_plain(view, "http", what)
    if purpose.method == carrier:
        return read_payload(view)
    # The body of the answer to a POST, "ok", says nothing that its status does not.
    end = len(view.text)
    segments = view.own(0, end, "framing", "engineio")
    summary = printable(view.text.decode("utf-8", "replace"))
    return Content((), (Text(**view.place(0, end), summary=summary, segments=segments),))


def read_message(view: View, is_text: bool, *, engine_io: bool) -> Content:
    """What a whole WebSocket message carries."""
    if is_text and not _is_utf8(view.text):
        reason = "a text message is not UTF-8 (RFC 6455 section 8.1)"
        return Content((), (undecodable(view, 0, len(view.text), reason),))
    if not engine_io:
        return read_plain(view, "websocket", "text" if is_text else "binary")
    return Content((), (read_packet(view, 0, len(view.text)) if is_text else read_binary(view),))


def text(data: bytes) -> str:
    """Header bytes as a string; latin-1 maps each byte, so nothing is lost."""
    return bytes(data).decode("latin-1")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _headers(
    head: h11.Request | h11.Response | h11.InformationalResponse,
) -> tuple[tuple[str, str], ...]:
    return tuple((text(name), text(value)) for name, value in head.headers)
