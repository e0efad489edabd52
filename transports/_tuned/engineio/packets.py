"""Read and write the packets of Engine.IO 4 and Socket.IO 5, without any I/O.

The bytes of an event are those that the native transports send, with the event's name moved to
another place. So an event is encoded once for all transports, and its packet is cut from that.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from lab.chat import events, json_text
from lab.chat.events import Reply, RoomEvent

# Engine.IO: the first byte of a packet.
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP, BINARY = b"0123456b"
PROBE, PROBED = b"2probe", b"3probe"
SEPARATOR = b"\x1e"
"""Stands between the packets of a payload."""

# Socket.IO: the first byte of a message.
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = b"0123456"

MOST_ATTACHMENTS = 10

_PACKET = re.compile(rb"([0-6])(?:(\d{1,10})-)?(?:(/[^,?]*)(?:\?[^,]*)?(?:,|\Z))?(\d{1,100})?")
_TYPE_BYTES = len(b'{"type":"",')
_ID = b'"id":0,'


class NotAPacketError(ValueError):
    """The client sent something that is not a packet. Its session ends."""


class Packet(NamedTuple):
    """One Socket.IO packet. `attachments` is the number of binary messages that belong to it.

    `id` is the number that its acknowledgement must have, None if the client wants none.
    """

    kind: int
    attachments: int
    namespace: bytes
    id: int | None
    data: Any
    readable: bool = True
    """False: the JSON has a lone surrogate, or a number too large for a double. No command has."""


def open_packet(
    sid: str, *, upgrades: list[str], interval_s: float, timeout_s: float, most_bytes: int
) -> bytes:
    """Build Engine.IO's first packet: the session's id and its settings."""
    terms = {
        "sid": sid,
        "upgrades": upgrades,
        "pingTimeout": round(timeout_s * 1000),
        "pingInterval": round(interval_s * 1000),
        "maxPayload": most_bytes,
    }
    return b"0" + msgspec.json.encode(terms)


def connected(sid: str) -> bytes:
    """Build the answer to a client that connects to the main namespace."""
    return b"40" + msgspec.json.encode({"sid": sid})


def no_namespace(namespace: bytes) -> bytes:
    """Build the answer to a client that connects to any other namespace."""
    return b"44" + namespace + b',{"message":"Invalid namespace"}'


def event(room_event: RoomEvent) -> bytes:
    """Build the packet of a room event: its name, and its JSON without the name."""
    name = events.name_of(room_event).encode()
    text = events.encode(room_event)
    return b'42["' + name + b'",{' + text[_TYPE_BYTES + len(name) :] + b"]"


def acknowledgement(packet_id: int, reply: Reply | None) -> bytes:
    """Build the acknowledgement that carries a reply. The packet has the id, not the reply."""
    if reply is None:
        return b"43%d[]" % packet_id
    text = events.encode(reply)
    at = _TYPE_BYTES + len(events.name_of(reply))
    assert text.startswith(_ID, at), "a command of a Socket.IO transport has the id 0"
    return b"43%d[" % packet_id + text[:at] + text[at + len(_ID) :] + b"]"


def parse(message: bytes) -> Packet:
    """Read one Socket.IO packet: an Engine.IO message without its first byte.

    Raises:
        NotAPacketError: it is not one.
    """
    found = _PACKET.match(message)
    if found is None:
        raise NotAPacketError("a Socket.IO packet must begin with its type")
    kind, attachments, namespace, packet_id = found.groups()
    rest, readable = message[found.end() :], True
    try:
        data = msgspec.json.decode(rest) if rest else None
    except json_text.UNREADABLE:
        data, readable = _any_json(rest), False
    return Packet(
        kind[0],
        int(attachments or 0),
        namespace or b"/",
        None if packet_id is None else int(packet_id),
        data,
        readable,
    )


def _any_json(rest: bytes) -> Any:
    try:
        return json_text.read_any(rest)
    except ValueError:
        raise NotAPacketError("a packet's data must be JSON") from None


def check(packet: Packet) -> None:
    """Check what a client's packet carries, by its type (Socket.IO 5, "Packet encoding").

    Raises:
        NotAPacketError: this type can't carry that, or a client may not send this type.
    """
    kind, data = packet.kind, packet.data
    if kind in (BINARY_EVENT, BINARY_ACK):
        right = 0 < packet.attachments <= MOST_ATTACHMENTS
    else:
        right = packet.attachments == 0
    if kind in (EVENT, BINARY_EVENT):
        right = right and isinstance(data, list) and bool(data)
    elif kind in (ACK, BINARY_ACK):
        right = right and isinstance(data, list) and packet.id is not None
    elif kind == CONNECT:
        right = right and (data is None or isinstance(data, dict))
    else:
        right = right and kind == DISCONNECT and data is None
    if not right:
        raise NotAPacketError("the packet's type does not allow its content")
