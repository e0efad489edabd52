"""Beside the wire: Engine.IO protocol 4, Socket.IO protocol 5 and the chat's JSON inside a view.

https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/.
Whatever the text, each reader claims all of it, and what breaks the protocol becomes `Undecodable`.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import msgspec

from lab.wire.tree import (
    ChatCommand,
    ChatEvent,
    EngineIoPacket,
    Layer,
    Node,
    Segment,
    SocketIoPacket,
    Text,
    Undecodable,
)
from lab.wire.view import Content, View

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
    end = len(view.text)
    return EngineIoPacket(
        **view.place(0, end),
        name="message",
        summary=f"Engine.IO binary message, {end} B",
        segments=view.own(0, end, "payload", "engineio"),
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
        # Engine.IO's own packets are what it adds; only a message is somebody else's.
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
    valid, value = _json(view.text[body:end])
    inner: tuple[Node, ...] = ()
    if name in ("event", "ack", "binary_event", "binary_ack"):
        inner = (_chat_array(view, body, end, name, ack_id, value if valid else None),)
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


def _chat_array(
    view: View, start: int, end: int, packet: str, ack_id: int | None, value: Any
) -> Node:
    """The JSON array of an event, `["say", {...}]`, or of an ack, `[{"type": "said", ...}]`."""
    if not isinstance(value, list):
        return undecodable(
            view, start, end, f"the data of a Socket.IO {packet} is not a JSON array"
        )
    if packet in ("ack", "binary_ack"):
        first = value[0] if value and isinstance(value[0], dict) else {}
        return _chat(view, start, end, str(first.get("type", "reply")), ack_id, reply=True)
    if not value or not isinstance(value[0], str):
        return undecodable(view, start, end, "the first item of a Socket.IO event is not its name")
    return _chat(view, start, end, value[0], ack_id, reply=False)


def _chat(view: View, start: int, end: int, name: str, key: int | None, *, reply: bool) -> Node:
    where = view.place(start, end)
    segments = view.own(start, end, "payload", "chat")
    number = "" if key is None else f" #{key}"
    if view.stream.direction == "up" and not reply:
        summary = printable(f"{name}{number}")
        return ChatCommand(**where, name=name, id=key, summary=summary, segments=segments)
    summary = printable(f"{name}{number}")
    return ChatEvent(**where, name=name, reply=reply, id=key, summary=summary, segments=segments)


def read_plain(view: View, layer: Layer, what: str) -> Content:
    """A body or message with no protocol inside but, perhaps, the chat's own `{"type": ...}`."""
    valid, value = _json(view.text)
    end = len(view.text)
    if valid and isinstance(value, dict) and isinstance(value.get("type"), str):
        key = value.get("id")
        # Not bool, which JSON's true becomes and Python takes for a number.
        number = key if type(key) is int else None
        reply = view.stream.direction == "down" and (
            number is not None or value["type"] == "refused"
        )
        return Content((), (_chat(view, 0, end, value["type"], number, reply=reply),))
    segments = view.own(0, end, "payload", layer)
    text = Text(**view.place(0, end), summary=f"{what}, {end} B", segments=segments)
    return Content((), (text,))


def undecodable(view: View, start: int, end: int, reason: str) -> Undecodable:
    """Text that could not be read, and why."""
    return Undecodable(
        **view.place(start, end),
        reason=reason,
        summary=f"undecodable: {reason}",
        segments=view.own(start, end, "undecodable", "unknown"),
    )


def printable(text: str, limit: int = 96) -> str:
    """One line of printable characters."""
    line = "".join(char if char.isprintable() else "." for char in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _data(data: bytes) -> Any:
    valid, value = _json(data)
    return value if valid and isinstance(value, dict) else _text(data)


def _json(data: bytes) -> tuple[bool, Any]:
    try:
        return True, msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False, None
