"""Read Socket.IO packets in msgpack, as npm's `socket.io-msgpack-parser` writes them.

A packet is a map of `type`, `nsp`, `data` and `id`, and is one binary message of Engine.IO.
python-socketio writes the same with `serializer="msgpack"`. The attachments of the default parser
are binary messages too, and are no such map.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from lab.decode.chat_json import printable, read_array
from lab.decode.tree import Node, SocketIoPacket
from lab.decode.view import View

TYPES = ("connect", "disconnect", "event", "ack", "connect_error")
"""Without the two that have attachments: msgpack has bytes of its own."""
CARRIERS = ("event", "ack")
DATA = b"\xa4data"
"""The key before the data, a string of 4 bytes."""
UNDEFINED = (0, b"\0")
"""The extension that `notepack.io` writes for `undefined`, as the data of a connect without any."""


class _Packet(msgspec.Struct, frozen=True):
    type: Annotated[int, msgspec.Meta(ge=0, lt=len(TYPES))]
    nsp: Annotated[str, msgspec.Meta(pattern="^/")]
    data: msgspec.Raw = msgspec.Raw()
    id: int | None = None


def read_packed(data: bytes) -> tuple[bool, Any]:
    """Whether it is msgpack, and what it says."""
    try:
        return True, msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError):
        return False, None


def as_json(data: bytes) -> bytes | None:
    """The JSON of a map or an array in msgpack; None where it is neither."""
    _, value = read_packed(data)
    if not isinstance(value, dict | list):
        return None
    return msgspec.json.encode(value, enc_hook=_named)


def _named(value: object) -> str:
    """The word for what JSON can't say: a key that is no text, an extension of msgpack."""
    if not isinstance(value, msgspec.msgpack.Ext):
        return repr(value)
    return "undefined" if (value.code, value.data) == UNDEFINED else "extension"


def read_packed_packet(view: View) -> Node | None:
    """The packet that is the whole of a binary message; None where it is none."""
    try:
        packet = msgspec.msgpack.decode(view.text, type=_Packet)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    name, end, raw = TYPES[packet.type], len(view.text), bytes(packet.data)
    start = view.text.find(DATA + raw) + len(DATA) if raw else end
    valid, value = read_packed(raw) if raw else (True, None)
    inner: tuple[Node, ...] = ()
    if name in CARRIERS:
        inner = (read_array(view, start, start + len(raw), name, packet.id, value),)
    own = [(0, start), (start + len(raw), end)] if inner else [(0, end)]
    ack = "" if packet.id is None else f", ack {packet.id}"
    return SocketIoPacket(
        **view.place(0, end),
        name=name,
        namespace=printable(packet.nsp),
        ack_id=packet.id,
        data=value if valid and not inner else None,
        summary=printable(f"Socket.IO {name}{ack}, in msgpack"),
        segments=tuple(
            segment for place in own for segment in view.own(*place, "framing", "socketio")
        ),
        children=inner,
    )
