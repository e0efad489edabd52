"""Turn an HTTP message into nodes, with whatever its body carries inside.

The request's target says which protocol a body carries: `EIO=` in the query means Engine.IO,
`/socket.io/1/` a fallback as Socket.IO 0.9 had it. A response that stays open becomes a node for
its head and one for each write.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import h11
from msgspec import structs

from lab.decode.chat_json import printable, read_plain, undecodable
from lab.decode.fallbacks.bodies import read_down, read_refusal, read_up
from lab.decode.fallbacks.parts import split
from lab.decode.fallbacks.pressed import PressedWrites
from lab.decode.fallbacks.streams import FORMATS, Format
from lab.decode.fallbacks.target import Target, target_of
from lab.decode.frames import compressed_content
from lab.decode.headers import members
from lab.decode.http1 import Head, Message
from lab.decode.inflate import CODINGS, inflate_body
from lab.decode.packets import read_binary, read_packet, read_payload
from lab.decode.tree import (
    EmptyLines,
    HttpRequest,
    HttpResponse,
    Incomplete,
    Node,
    Segment,
    Text,
    Undecodable,
)
from lab.decode.view import Content, Stream, View

TUNNEL = "a tunnel begins here (RFC 9110 section 9.3.6)"


class Purpose(NamedTuple):
    """What an exchange is for, as its request says.

    `protocol`: what an extended CONNECT asks for (RFC 8441 section 4), "" of any other request.
    """

    method: str = ""
    engine_io: bool = False
    fallback: Target | None = None
    protocol: str = ""


def purpose_of(request: h11.Request) -> Purpose:
    """Read the purpose from method and target."""
    target = text(request.target)
    query = query_of(target)
    # With `j` it is JSONP: the packets are inside JavaScript, where they are not searched.
    engine_io = "EIO" in query and "j" not in query
    # No other field of HTTP/1.1 or HTTP/2 begins with a colon.
    protocol = next((text(value) for name, value in request.headers if name == b":protocol"), "")
    return Purpose(text(request.method), engine_io, target_of(target), protocol)


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
    """A node for all bytes from `start` on, which can't be read."""
    kind = Incomplete if unfinished else Undecodable
    end = len(stream.data)
    return kind(
        **stream.place(start, end),
        reason=reason,
        summary=printable(f"{kind.__name__.lower()}: {reason}"),
        segments=(Segment(start, end, "undecodable", "unknown"),),
    )


def empty_lines(stream: Stream, start: int, end: int) -> Node:
    """The empty lines from `start` to `end`."""
    return EmptyLines(
        **stream.place(start, end),
        summary=f"empty lines between messages, {end - start} B",
        segments=(Segment(start, end, "framing", "http"),),
    )


def _nodes(stream: Stream, message: Message, exchange: int, purpose: Purpose) -> list[Node]:
    if message.head is None:
        return []
    form = form_of(message.head, purpose)
    if form is None:
        body = _body(stream, message, purpose)
        content = body._replace(segments=(*_framing(message), *body.segments))
        return [message_node(stream, message, exchange, purpose, content)]
    if codings := codings_of(message.head):
        head = head_node(stream, message, exchange, purpose)
        parts = PressedWrites(exchange, form, *codings).parts(stream, message, more=False)
        return [structs.replace(head, complete=message.complete), *parts]
    found = split(stream, message, exchange, form)
    head = message_node(stream, found.head, exchange, purpose, found.content)
    return [structs.replace(head, complete=message.complete), *found.parts]


def form_of(head: Head, purpose: Purpose) -> Format | None:
    """How a response is written that stays open; None for all else."""
    if purpose.fallback is None or purpose.method != "GET" or _status(head) != 200:
        return None
    return FORMATS.get(purpose.fallback.transport) if _is_readable(codings_of(head)) else None


def _is_readable(codings: list[str]) -> bool:
    """Whether a stream is plain, or compressed once and in a way that is read here."""
    return not codings or (len(codings) == 1 and codings[0] in CODINGS)


def head_node(stream: Stream, message: Message, exchange: int, purpose: Purpose) -> Node:
    """The node of a message that ends with its head: what follows has nodes of its own."""
    head = Segment(message.start, message.body, "http", "http")
    alone = replace(message, end=message.body, spans=[], problem="")
    return message_node(stream, alone, exchange, purpose, Content((head,)))


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
            protocol=purpose.protocol,
            headers=_headers(head),
            complete=message.complete,
            text_bytes=content.text_bytes,
            summary=printable(f"{purpose.method} {text(head.target)} {purpose.protocol}".strip()),
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
        text_bytes=content.text_bytes,
        summary=printable(f"{head.status_code} {text(head.reason)}".strip())
        + ("" if content.text_bytes is None else f", compressed from {content.text_bytes} B"),
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
    raw = b"".join(stream.data[start:end] for start, end in message.spans)
    view = View(stream, tuple(message.spans), raw)
    codings = codings_of(message.head)
    try:
        inner = _inflate(view, codings, message.complete) if codings else view
    except ValueError as error:
        return Content((), (undecodable(view, 0, len(raw), str(error)),))
    what = next((value for name, value in _headers(message.head) if name == "content-type"), "body")
    content = _read(inner, message, purpose, what)
    if inner.exact:
        return content
    return compressed_content(view, content)._replace(text_bytes=len(inner.text))


def codings_of(head: Head) -> list[str]:
    """The content codings, in the order they were applied (RFC 9110 section 8.4)."""
    listed = members(_headers(head), "content-encoding")
    return [coding.lower() for coding in listed if coding.lower() != "identity"]


def _inflate(view: View, codings: list[str], complete: bool) -> View:
    """The body without its codings; the last one comes off first. Raises ValueError."""
    text = view.text
    for coding in reversed(codings):
        text = inflate_body(text, coding, complete=complete)
    return View(view.stream, view.spans, text, exact=False)


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


def switched_to(response: Head) -> tuple[list[str], list[str]]:
    """The protocols that a 101 names (RFC 9110 section 15.2.2), and WebSocket's extensions.

    The answer to an extended CONNECT names extensions only.
    """
    headers = _headers(response)
    return members(headers, "upgrade"), members(headers, "sec-websocket-extensions")


def is_websocket(protocols: list[str]) -> bool:
    """Whether the protocol is that of RFC 6455, and nothing on top of it."""
    return [protocol.lower() for protocol in protocols] == ["websocket"]


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
