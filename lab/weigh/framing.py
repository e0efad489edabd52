"""What a transport puts around a message, from the server to a client."""

from __future__ import annotations

__pure__ = True

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

CODECS = ("json", "msgpack")
EVENT = "message"
"""The name of the Socket.IO event that carries a message."""
POLL_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\n"
GZIPPED = b"Content-Encoding: gzip\r\n"


@dataclass(frozen=True, eq=False, slots=True)
class Carrier:
    """A transport: how it writes a value, and what stands around it.

    `packets`: codec -> the payload of one message. `head_bytes`: the bytes around a payload of
    this length; `compressed_head_bytes` more where it is compressed. `compression`: `deflate` is
    permessage-deflate (RFC 7692), `gzip` a Content-Encoding. `streamed`: all messages are in one
    response, so one context of zlib compresses them all.
    """

    name: str
    packets: dict[str, Callable[[Any], bytes]]
    head_bytes: Callable[[int], int]
    compression: str
    compressed_head_bytes: int = 0
    streamed: bool = False


def websocket_head(length: int) -> int:
    """The bytes of a frame's head, unmasked as servers send it (RFC 6455 section 5.2)."""
    if length < 126:
        return 2
    return 4 if length < 1 << 16 else 10


def poll_head(length: int) -> int:
    """The least head of a response to a poll: servers add a date, their name and others."""
    size = f"Content-Length: {length}\r\n\r\n"
    return len(POLL_HEAD) + len(size)


def chunk_head(length: int) -> int:
    """What the chunked coding puts around a chunk (RFC 9112 section 7.1)."""
    return len(f"{length:x}\r\n\r\n")


def _event_json(value: Any) -> bytes:
    """Socket.IO's event in an Engine.IO message: types 2 and 4, in text."""
    return b"42" + msgspec.json.encode([EVENT, value])


def _event_msgpack(value: Any) -> bytes:
    """The packet of Socket.IO's msgpack parser, which is binary to Engine.IO."""
    return msgspec.msgpack.encode({"type": 2, "data": [EVENT, value], "nsp": "/"})


def _event_base64(value: Any) -> bytes:
    """A binary packet in a polling payload (Engine.IO 4, "Packet encoding")."""
    return b"b" + base64.b64encode(_event_msgpack(value))


def _data_json(value: Any) -> bytes:
    return b"data:" + msgspec.json.encode(value) + b"\n\n"


def _data_base64(value: Any) -> bytes:
    """An event stream is text (WHATWG HTML section 9.2), so what is binary needs base64."""
    return b"data:" + base64.b64encode(msgspec.msgpack.encode(value)) + b"\n\n"


CARRIERS = (
    Carrier(
        "websocket",
        {"json": msgspec.json.encode, "msgpack": msgspec.msgpack.encode},
        websocket_head,
        "deflate",
    ),
    Carrier(
        "socketio-websocket",
        {"json": _event_json, "msgpack": _event_msgpack},
        websocket_head,
        "deflate",
    ),
    Carrier(
        "socketio-polling",
        {"json": _event_json, "msgpack": _event_base64},
        poll_head,
        "gzip",
        compressed_head_bytes=len(GZIPPED),
    ),
    Carrier(
        "sse", {"json": _data_json, "msgpack": _data_base64}, chunk_head, "gzip", streamed=True
    ),
)
