"""The tree that captured bytes are decoded into, and which node owns each byte.

Layers, outside in: HTTP message -> WebSocket frame, or part of a response that stays open ->
Engine.IO packet -> Socket.IO packet -> chat command or event. Offsets are those of one
connection's byte stream in one direction. A node's extent may include bytes that it does not own
(the framing between two HTTP chunks, a ping between two fragments). `segments` says what it owns:
over a whole connection the segments of all nodes are disjoint and cover every captured byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

Direction = Literal["up", "down"]

Label = Literal["http", "framing", "payload", "undecodable"]
"""http: request and status lines, headers. framing: what else the protocols add (chunk sizes, frame
headers and masks, control frames, packet types, Engine.IO's and Socket.IO's own packets, what a
fallback wraps its packets in, escapes). payload: what the application said. undecodable: what could
not be read, or is unfinished."""

Layer = Literal[
    "http", "websocket", "engineio", "socketio", "envelope", "escape", "policy", "chat", "unknown"
]
"""Whose rules the bytes follow. "envelope": what a fallback wraps its packets in. "escape": what an
escaped character takes beyond the bytes that it stands for. "policy": Flash's policy file. "chat":
the application's JSON."""

LABELS: tuple[Label, ...] = ("http", "framing", "payload", "undecodable")


class Segment(msgspec.Struct, frozen=True):
    """Bytes `start` to `end` of a stream, owned by one node."""

    start: int
    end: int
    label: Label
    layer: Layer


class Node(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="node"):
    """One thing on the wire: what, where, and when its first and last byte came.

    `whole`: it came in a compressed body and has no extent of its own, so it has that of the body.
    `tls`: what TLS adds to the records that begin in it, in bytes; 0 without TLS.
    """

    direction: Direction
    start: int
    end: int
    first_ns: int
    last_ns: int
    whole: bool = False
    tls: int = 0
    summary: str = ""
    segments: tuple[Segment, ...] = ()
    children: tuple[Node, ...] = ()


class Undecodable(Node, frozen=True, kw_only=True):
    """Bytes that break the protocol they stand in, or belong to none known here."""

    reason: str


class Incomplete(Node, frozen=True, kw_only=True):
    """The capture ended inside something. Empty where the bytes that came belong to the parent."""

    reason: str


class TlsRecord(Node, frozen=True, kw_only=True):
    """A TLS record without a byte of the application (RFC 8446 section 5.1).

    Or one that could not be opened. Its bytes, which `tls` counts, are not in the stream of the
    connection. `handshake`: it is part of the handshake that the application waits for.
    """

    handshake: bool


class EmptyLines(Node, frozen=True, kw_only=True):
    """Line ends between HTTP messages, which a recipient ignores (RFC 9112 section 2.2)."""


class HttpRequest(Node, frozen=True, kw_only=True):
    """RFC 9112 section 3. `exchange` counts from 0; header names are in lower case.

    `text_bytes`: the size of the body without its content codings; None where it has none.
    `protocol`: of an extended CONNECT (RFC 8441 section 4), what it asks for.

    Over HTTP/2 each stream is an exchange: its number is that among the client's streams.
    """

    exchange: int
    method: str
    target: str
    protocol: str = ""
    headers: tuple[tuple[str, str], ...]
    complete: bool
    text_bytes: int | None = None


class HttpResponse(Node, frozen=True, kw_only=True):
    """RFC 9112 section 4. `exchange` is that of the request it answers."""

    exchange: int
    status: int
    headers: tuple[tuple[str, str], ...]
    complete: bool
    text_bytes: int | None = None


class Http2Frame(Node, frozen=True, kw_only=True):
    """A frame of HTTP/2 (RFC 9113 section 4) that no message begins in, or the preface.

    `exchange`: of a frame of the whole connection it is the first, for which it was opened.
    """

    exchange: int
    name: str
    ack: bool = False

    @property
    def announces(self) -> bool:
        """Whether it says what its sender takes: the first SETTINGS of a connection do."""
        return self.name == "SETTINGS" and not self.ack


class Text(Node, frozen=True, kw_only=True):
    """A body or message that carries nothing known: the application's own bytes."""


class Frame(Node, frozen=True, kw_only=True):
    """RFC 6455 section 5.2. A message's packets hang on its last frame. `rsv1`: permessage-deflate.

    `mask` is empty where there is none; `payload` is where the masked payload is in the stream.
    `violation` names the clause that the frame breaks though it can be read; "" if none.
    `text_bytes`: of the frame that ends a compressed message, the size of the message's text.
    """

    exchange: int
    opcode: int
    fin: bool
    rsv1: bool
    mask: bytes
    payload: tuple[tuple[int, int], ...]
    payload_bytes: int
    violation: str = ""
    text_bytes: int | None = None

    @property
    def masked(self) -> bool:
        """Whether the payload is masked (RFC 6455 section 5.3)."""
        return bool(self.mask)


class StreamPart(Node, frozen=True, kw_only=True):
    """One write of a response that stays open: a script, a part of a multipart body, an event.

    The response itself ends where the first of them begins. `text_bytes`: of the text, if the
    response is compressed.
    """

    exchange: int
    text_bytes: int | None = None


class EngineIoPacket(Node, frozen=True, kw_only=True):
    """Engine.IO protocol 4. `data` is the decoded JSON of `open`, or the text of a probe."""

    name: str
    data: Any = None


class SocketIoPacket(Node, frozen=True, kw_only=True):
    """Socket.IO protocol 5, the content of an Engine.IO `message`."""

    name: str
    namespace: str
    ack_id: int | None = None
    data: Any = None


class EarlyPacket(Node, frozen=True, kw_only=True):
    """Socket.IO protocol revision 1 (Socket.IO 0.7 to 0.9), which had no Engine.IO below it.

    "open" stands for the body of its handshake; `data` is what that says, or a packet's text.
    """

    name: str
    data: Any = None


class FlashPolicy(Node, frozen=True, kw_only=True):
    """Up, the request for a cross-domain policy file; down, the file."""


class ChatCommand(Node, frozen=True, kw_only=True):
    """Chat in. `id` is what the reply will carry: the command's own, or Socket.IO's ack id."""

    name: str
    id: int | None = None


class ChatEvent(Node, frozen=True, kw_only=True):
    """Chat out. A reply has the `id` of its command; a delivery has none."""

    name: str
    reply: bool
    id: int | None = None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One TCP connection: its nodes and bytes per direction, in the order of the stream.

    `opened_ns`, `closed_ns` are None where the capture does not have them.
    """

    connection: int
    opened_ns: int | None
    closed_ns: int | None
    up: tuple[Node, ...]
    down: tuple[Node, ...]
    up_bytes: bytes
    down_bytes: bytes

    def nodes(self) -> list[Node]:
        """Both directions, by the time of the first byte; a request before what answers it."""
        return sorted(self.up + self.down, key=lambda node: node.first_ns)

    def bytes_of(self, direction: Direction) -> bytes:
        """All bytes that were captured in one direction."""
        return self.up_bytes if direction == "up" else self.down_bytes


class Trace(msgspec.Struct, frozen=True):
    """Everything that was captured, by connection."""

    connections: tuple[Connection, ...]


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node of some trees, parents first."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def shifted(node: Node, by: int) -> Node:
    """A node in a stream that begins `by` bytes earlier."""
    changes: dict[str, Any] = {
        "start": node.start + by,
        "end": node.end + by,
        "segments": tuple(
            Segment(s.start + by, s.end + by, s.label, s.layer) for s in node.segments
        ),
        "children": tuple(shifted(child, by) for child in node.children),
    }
    if isinstance(node, Frame):
        changes["payload"] = tuple((start + by, end + by) for start, end in node.payload)
    return msgspec.structs.replace(node, **changes)


def leaves(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes without children."""
    return (node for node in walk(nodes) if not node.children)


def segments_of(nodes: Iterable[Node]) -> list[Segment]:
    """All that the trees own, in the order of the stream."""
    owned = [segment for node in walk(nodes) for segment in node.segments]
    return sorted(owned, key=lambda segment: (segment.start, segment.end))
