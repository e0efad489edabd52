"""Read WebSocket frames (RFC 6455), fragments and permessage-deflate (RFC 7692).

A frame's header, its mask and a control frame's data are framing. A message's payload is handed to
`read`, as a view of all its fragments; the nodes that `read` returns hang on the last fragment.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable, Sequence

from lab.decode.chat_json import printable, undecodable
from lab.decode.headers import parameters
from lab.decode.inflate import Deflate
from lab.decode.rfc6455 import (
    BINARY,
    CLOSE,
    CONTINUATION,
    NAMES,
    TEXT,
    UNFINISHED,
    Header,
    headers,
    unmask,
)
from lab.decode.tree import (
    Direction,
    EarlyPacket,
    EngineIoPacket,
    Frame,
    Incomplete,
    Label,
    Layer,
    Node,
    Segment,
    SocketIoPacket,
    Undecodable,
    leaves,
)
from lab.decode.view import Content, Stream, View

OUT_OF_SEQUENCE = "fragments of two messages are mixed (RFC 6455 section 5.4)"

Read = Callable[[View, bool], Content]
"""Reads a message; the flag says that it is text."""


class FrameReader:
    """Reads one direction of a WebSocket connection."""

    def __init__(self, stream: Stream, exchange: int, deflate: Deflate | None, read: Read) -> None:
        self._stream = stream
        self._exchange = exchange
        self._deflate = deflate
        self._read = read

    def nodes(self, start: int) -> list[Node]:
        """All that follows from `start`, frame by frame."""
        found = list(headers(self._stream.data, start))
        frames = [header for header in found if isinstance(header, Header)]
        contents = self._contents(frames)
        nodes: list[Node] = [self._frame(header, contents[header.start]) for header in frames]
        return nodes + [self._rest(*end) for end in found if not isinstance(end, Header)]

    def _rest(self, start: int, reason: str) -> Node:
        kind = Incomplete if reason == UNFINISHED else Undecodable
        end = len(self._stream.data)
        return kind(
            **self._stream.place(start, end),
            reason=reason,
            summary=f"{kind.__name__.lower()}: {reason}",
            segments=(Segment(start, end, "undecodable", "unknown"),),
        )

    def _frame(self, header: Header, content: Content) -> Node:
        view = self._view(header)
        return Frame(
            **self._stream.place(header.start, view.spans[0][1]),
            exchange=self._exchange,
            opcode=header.opcode,
            fin=header.fin,
            rsv1=bool(header.rsv & 4),
            mask=header.mask,
            payload=view.spans,
            payload_bytes=header.end - header.body,
            violation=self._violation(header),
            text_bytes=content.text_bytes,
            summary=_summary(header, view.text, content.text_bytes),
            segments=(
                Segment(header.start, header.body, "framing", "websocket"),
                *content.segments,
            ),
            children=content.children,
        )

    def _view(self, *headers: Header) -> View:
        """The unmasked payload of some frames."""
        data = self._stream.data
        spans = tuple((header.body, min(header.end, len(data))) for header in headers)
        parts = [
            unmask(data[a:b], header.mask) for header, (a, b) in zip(headers, spans, strict=True)
        ]
        return View(self._stream, spans, b"".join(parts))

    def _violation(self, header: Header) -> str:
        if bool(header.mask) != (self._stream.direction == "up"):
            return "clients mask, servers don't (RFC 6455 section 5.1)"
        if header.opcode >= CLOSE and (not header.fin or header.end - header.body > 125):
            return "a control frame is fragmented or longer than 125 bytes (RFC 6455 section 5.5)"
        return ""

    def _contents(self, frames: list[Header]) -> dict[int, Content]:
        """What each frame holds, by its start; the last fragment holds what the message says."""
        contents: dict[int, Content | None] = {h.start: self._alone(h) for h in frames}
        fragments: list[Header] = []
        for header in frames:
            if contents[header.start] is not None:
                continue
            if header.opcode == CONTINUATION and not fragments:
                contents[header.start] = _broken(self._view(header), OUT_OF_SEQUENCE)
                continue
            if header.opcode != CONTINUATION:
                contents |= {
                    old.start: _broken(self._view(old), OUT_OF_SEQUENCE) for old in fragments
                }
                fragments = []
            fragments.append(header)
            if header.fin:
                contents[header.start] = self._message(fragments)
                fragments = []
        contents |= {old.start: _cut(self._view(old)) for old in fragments}
        return {start: content or Content() for start, content in contents.items()}

    def _alone(self, header: Header) -> Content | None:
        """The content of a frame that is no part of a message; None for one that is."""
        view = self._view(header)
        if header.end > len(self._stream.data):
            return _cut(view)
        if header.opcode not in NAMES:
            return _broken(view, f"opcode {header.opcode} is reserved (RFC 6455 section 5.2)")
        if self._misused(header):
            return _broken(
                view, "a reserved bit is set without an extension (RFC 6455 section 5.2)"
            )
        if header.opcode >= CLOSE:
            return Content(view.own(0, len(view.text), "framing", "websocket"))
        return None

    def is_part(self, header: Header) -> bool:
        """Whether a frame is part of a message, and not whole, or wrong, by itself."""
        return header.opcode in (CONTINUATION, TEXT, BINARY) and not self._misused(header)

    def _misused(self, header: Header) -> bool:
        """Whether a reserved bit is set that no extension gives a meaning."""
        compressed = self._deflate is not None and header.opcode in (TEXT, BINARY)
        return bool(header.rsv & 3 or (header.rsv and not compressed))

    def _message(self, fragments: list[Header]) -> Content:
        view = self._view(*fragments)
        is_text = fragments[0].opcode == TEXT
        if self._deflate is None or not fragments[0].rsv:
            return self._read(view, is_text)
        try:
            text = self._deflate.message(view.text)
        except ValueError as error:
            return _broken(view, str(error))
        content = self._read(View(view.stream, view.spans, text, False), is_text)
        return compressed_content(view, content)._replace(text_bytes=len(text))


def payload_of(frame: Frame, data: bytes | bytearray) -> bytes:
    """The payload of a frame without its mask; `data` is the stream that the frame is in."""
    return unmask(b"".join(data[start:end] for start, end in frame.payload), frame.mask)


def deflate_of(extensions: Sequence[str], direction: Direction) -> Deflate | None:
    """One side's permessage-deflate as the response agreed to it (RFC 7692 section 7.1).

    `extensions`: what the response's `Sec-WebSocket-Extensions` list, which may be in several
    fields (RFC 6455 section 9.1). None where permessage-deflate is not among them.
    """
    side = "client" if direction == "up" else "server"
    for extension in extensions:
        name, *agreed = parameters(extension.lower()) or [""]
        if name == "permessage-deflate":
            return Deflate(keep_context=f"{side}_no_context_takeover" not in agreed)
    return None


def compressed_content(view: View, content: Content) -> Content:
    """Give the carrier the compressed bytes: none of them belongs to one packet inside.

    They are payload, unless they carry only Engine.IO's and Socket.IO's own packets.
    """
    talk = [_is_talk(node) for node in leaves(content.children)]
    label: Label = "framing" if talk and all(talk) else "payload"
    layer: Layer = "engineio" if label == "framing" else "chat"
    return Content(view.own_all(label, layer), content.children)


def _is_talk(node: Node) -> bool:
    is_packet = isinstance(node, EngineIoPacket) and node.name != "message"
    return is_packet or isinstance(node, SocketIoPacket | EarlyPacket)


def _cut(view: View) -> Content:
    """Payload of a message that never ended; how to read it depends on the rest."""
    end = len(view.text)
    reason = "the tap ended inside a message"
    note = Incomplete(**view.place(end, end), reason=reason, summary=f"incomplete: {reason}")
    return Content(view.own(0, end, "payload", "websocket"), (note,))


def _broken(view: View, reason: str) -> Content:
    return Content((), (undecodable(view, 0, len(view.text), reason),))


def _summary(header: Header, text: bytes, inflated: int | None) -> str:
    name = NAMES.get(header.opcode, f"opcode {header.opcode}")
    size = header.end - header.body
    notes = [f"{name} frame", f"{size} B"]
    notes += ["masked"] if header.mask else []
    whole = "" if inflated is None else f" from {inflated} B"
    notes += [f"deflated{whole}"] if header.rsv & 4 or whole else []
    notes += [] if header.fin else ["to be continued"]
    if header.opcode == CLOSE and len(text) >= 2:
        notes.append(
            f"{int.from_bytes(text[:2], 'big')} {text[2:].decode('utf-8', 'replace')}".strip()
        )
    return printable(", ".join(notes))
