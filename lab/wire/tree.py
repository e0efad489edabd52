"""Beside the wire: the tree that tapped bytes are decoded into, and who owns each byte.

Layers, outside in: HTTP message -> WebSocket frame, or part of a response that stays open ->
Engine.IO packet -> Socket.IO packet -> chat command or event. Offsets are those of one
connection's byte stream in one direction. A node's extent may span bytes it does not own (the
framing between two HTTP chunks, a ping between two fragments); `segments` says what it owns, and
over a whole connection the segments of all nodes are disjoint and cover every byte tapped.
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
not be told apart, or is unfinished."""

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

    `whole`: its extent is that of the compressed body it came in, because it has none of its own.
    """

    direction: Direction
    start: int
    end: int
    first_ns: int
    last_ns: int
    whole: bool = False
    summary: str = ""
    segments: tuple[Segment, ...] = ()
    children: tuple[Node, ...] = ()


class Undecodable(Node, frozen=True, kw_only=True):
    """Bytes that break the protocol they stand in, or belong to none known here."""

    reason: str


class Incomplete(Node, frozen=True, kw_only=True):
    """The tap ended inside something. Empty where the bytes that did come belong to the parent."""

    reason: str


class HttpRequest(Node, frozen=True, kw_only=True):
    """RFC 9112 section 3. `exchange` counts from 0; header names are in lower case."""

    exchange: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    complete: bool


class HttpResponse(Node, frozen=True, kw_only=True):
    """RFC 9112 section 4. `exchange` is that of the request it answers."""

    exchange: int
    status: int
    headers: tuple[tuple[str, str], ...]
    complete: bool


class Text(Node, frozen=True, kw_only=True):
    """A body or message that carries nothing known: the application's own bytes."""


class Frame(Node, frozen=True, kw_only=True):
    """RFC 6455 section 5.2. A message's packets hang on its last frame. `rsv1`: permessage-deflate.

    `violation` names the clause that the frame breaks though it can be read; "" if none.
    """

    exchange: int
    opcode: int
    fin: bool
    rsv1: bool
    masked: bool
    payload_bytes: int
    violation: str = ""


class StreamPart(Node, frozen=True, kw_only=True):
    """One write of a response that stays open: a script, a part of a multipart body, an event.

    The response itself ends where the first of them begins.
    """

    exchange: int


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

    `opened_ns`, `closed_ns` are None where the tap did not see it.
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
        """All that was tapped in one direction."""
        return self.up_bytes if direction == "up" else self.down_bytes


class Trace(msgspec.Struct, frozen=True):
    """Everything tapped, by connection."""

    connections: tuple[Connection, ...]


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node of some trees, parents first."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def leaves(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes without children."""
    return (node for node in walk(nodes) if not node.children)


def segments_of(nodes: Iterable[Node]) -> list[Segment]:
    """All that the trees own, in the order of the stream."""
    owned = [segment for node in walk(nodes) for segment in node.segments]
    return sorted(owned, key=lambda segment: (segment.start, segment.end))
