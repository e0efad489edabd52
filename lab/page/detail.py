"""What is inside an opened record: header fields, the bits of a frame, the JSON that it carries."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator

import msgspec

from lab.decode.chat_json import read_json
from lab.decode.packed import as_json
from lab.decode.rfc6455 import NAMES
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    EngineIoPacket,
    Frame,
    HttpRequest,
    HttpResponse,
    Node,
    SocketIoPacket,
    Text,
    walk,
)
from lab.page.meaning import MEANINGS_MAX, text_of
from lab.page.protocol import FrameBits

JSON_BYTES_MAX = 200_000
"""The most JSON that is shown as a tree of one record."""


def headers_of(node: Node) -> list[tuple[str, str]]:
    """The header fields of an HTTP message, in their order."""
    return list(node.headers) if isinstance(node, HttpRequest | HttpResponse) else []


def bits_of(node: Node, data: bytes) -> FrameBits | None:
    """The header of a frame, field by field (RFC 6455 section 5.2); `data` is its stream."""
    if not isinstance(node, Frame):
        return None
    own = (segment for segment in node.segments if segment.layer == "websocket")
    head = b"".join(data[segment.start : segment.end] for segment in own)
    return FrameBits(
        fin=node.fin,
        rsv=f"{head[0] >> 4 & 7:03b}",
        opcode=node.opcode,
        name=NAMES.get(node.opcode, ""),
        masked=node.masked,
        length=node.payload_bytes,
        length_bits={126: 16, 127: 64}.get(head[1] & 0x7F, 7),
        mask=node.mask.hex(" "),
    )


def json_of(node: Node, clear: bytes) -> list[str]:
    """The JSON values inside a record, as texts; what is too much is left out."""
    found: list[str] = []
    room = JSON_BYTES_MAX
    for text in _json_texts(node, clear):
        room -= len(text)
        if room >= 0 and len(found) < MEANINGS_MAX:
            found.append(text.decode())
    return found


def _json_texts(node: Node, clear: bytes) -> Iterator[bytes]:
    for inner in walk((node,)):
        if isinstance(inner, ChatCommand | ChatEvent | Text):
            text = text_of(inner, clear)
            valid, value = read_json(text)
            if valid and isinstance(value, dict | list):
                yield text
            elif not valid and (packed := as_json(text)) is not None:
                yield packed
        elif isinstance(inner, EngineIoPacket | SocketIoPacket) and isinstance(
            inner.data, dict | list
        ):
            yield msgspec.json.encode(inner.data)
