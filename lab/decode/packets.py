"""Read Engine.IO protocol 4 and Socket.IO protocol 5 inside a view.

https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/.
Each reader claims all of the text that it gets, and what breaks the protocol becomes `Undecodable`.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from lab.decode.chat_json import printable, read_array, read_json, undecodable
from lab.decode.packed import read_packed_packet
from lab.decode.tree import EngineIoPacket, Node, Segment, SocketIoPacket
from lab.decode.view import Content, View

SEPARATOR = 0x1E
ENGINE_IO_TYPES = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
SOCKET_IO_TYPES = (
    "connect",
    "disconnect",
    "event",
    "ack",
    "connect_error",
    "binary_event",
    "binary_ack",
)

# <type>[<attachments>-][<namespace>,][<ack id>][JSON]
_socket_io = re.compile(rb"([0-6])(?:(\d{1,9})-)?(?:(/[^,]*),)?(\d{1,18})?", re.DOTALL)


def read_payload(view: View) -> Content:
    """An Engine.IO HTTP body: packets with 0x1e between them."""
    segments: list[Segment] = []
    nodes: list[Node] = []
    start = 0
    for end in [at for at, byte in enumerate(view.text) if byte == SEPARATOR] + [len(view.text)]:
        nodes.append(read_packet(view, start, end))
        segments += view.own(end, min(end + 1, len(view.text)), "framing", "engineio")
        start = end + 1
    return Content(tuple(segments), tuple(nodes))


def read_packet(view: View, start: int, end: int) -> Node:
    """One Engine.IO packet in text form: a type digit and data, or "b" and base64."""
    kind = view.text[start : start + 1] if start < end else b""
    if kind == b"b":
        return _base64_packet(view, start, end)
    if kind not in tuple(b"0123456"[n : n + 1] for n in range(7)):
        return undecodable(
            view, start, end, "Engine.IO packets begin with a digit from 0 to 6, or b"
        )
    name = ENGINE_IO_TYPES[int(kind)]
    if name == "message":
        inner: tuple[Node, ...] = (read_socket_io(view, start + 1, end),)
        return _engine_io(view, start, end, "message", None, inner)
    data = _data(view.text[start + 1 : end])
    return _engine_io(view, start, end, name, data)


def read_binary(view: View) -> Node:
    """A binary WebSocket message under Engine.IO: a `message` packet without a type digit."""
    end, packet = len(view.text), read_packed_packet(view)
    return EngineIoPacket(
        **view.place(0, end),
        name="message",
        summary=f"Engine.IO binary message, {end} B",
        segments=() if packet else view.own(0, end, "payload", "engineio"),
        children=(packet,) if packet else (),
    )


def _engine_io(
    view: View, start: int, end: int, name: str, data: Any, inner: tuple[Node, ...] = ()
) -> Node:
    note = f" {data}" if isinstance(data, str) and data else ""
    return EngineIoPacket(
        **view.place(start, end),
        name=name,
        data=data,
        summary=printable(f"Engine.IO {name}{note}"),
        # Engine.IO's own packets are framing; only a message carries another protocol.
        segments=view.own(start, start + 1 if inner else end, "framing", "engineio"),
        children=inner,
    )


def _base64_packet(view: View, start: int, end: int) -> Node:
    try:
        size = len(base64.b64decode(view.text[start + 1 : end], validate=True))
    except ValueError as error:
        return undecodable(view, start, end, f"binary Engine.IO packet is not base64: {error}")
    return EngineIoPacket(
        **view.place(start, end),
        name="message",
        summary=f"Engine.IO binary message, {size} B as base64",
        segments=view.own(start, start + 1, "framing", "engineio")
        + view.own(start + 1, end, "payload", "engineio"),
    )


def read_socket_io(view: View, start: int, end: int) -> Node:
    """One Socket.IO packet, the content of an Engine.IO message."""
    match = _socket_io.match(view.text, start, end)
    if match is None:
        return undecodable(view, start, end, "Socket.IO packets begin with a digit from 0 to 6")
    kind, _, namespace, ack = match.groups()
    name = SOCKET_IO_TYPES[int(kind)]
    ack_id = int(ack) if ack is not None else None
    body = match.end()
    valid, value = read_json(view.text[body:end])
    inner: tuple[Node, ...] = ()
    if name in ("event", "ack", "binary_event", "binary_ack"):
        inner = (read_array(view, body, end, name, ack_id, value if valid else None),)
    elif body < end and not valid:
        inner = (undecodable(view, body, end, f"the data of a Socket.IO {name} is not JSON"),)
    return SocketIoPacket(
        **view.place(start, end),
        name=name,
        namespace=_text(namespace or b"/"),
        ack_id=ack_id,
        data=value if not inner else None,
        summary=printable(f"Socket.IO {name}" + ("" if ack is None else f", ack {ack_id}")),
        segments=view.own(start, body if inner else end, "framing", "socketio"),
        children=inner,
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _data(data: bytes) -> Any:
    valid, value = read_json(data)
    return value if valid and isinstance(value, dict) else _text(data)
