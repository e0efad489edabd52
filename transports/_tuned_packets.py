"""Shared by the tuned Socket.IO wires: packets of Engine.IO 4 and Socket.IO 5, without any I/O.

What an event is on the wire is what the native wires send of it, a few bytes put differently:
nothing is decoded or encoded a second time for that.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from lab.chat import events
from lab.chat.events import Reply, RoomEvent

# Engine.IO: the first byte of a packet.
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP, BINARY = b"0123456b"
PROBE, PROBED = b"2probe", b"3probe"
SEPARATOR = b"\x1e"
"""Between the packets of a payload."""

# Socket.IO: the first byte of a message.
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = b"0123456"

MOST_ATTACHMENTS = 10

_PACKET = re.compile(rb"([0-6])(?:(\d{1,10})-)?(?:(/[^,?]*)(?:\?[^,]*)?(?:,|\Z))?(\d{1,100})?")
_TYPE_BYTES = len(b'{"type":"",')
_ID = b'"id":0,'


class NotAPacketError(ValueError):
    """What came is no packet: the session ends."""


class Packet(NamedTuple):
    """One Socket.IO packet; `attachments`: how many binary messages belong to it.

    `id`: the number that its acknowledgement is to have, None where none is wanted.
    """

    kind: int
    attachments: int
    namespace: bytes
    id: int | None
    data: Any


def open_packet(
    sid: str, *, upgrades: list[str], interval_s: float, timeout_s: float, most_bytes: int
) -> bytes:
    """Engine.IO's first packet: the session, and how it is to be kept."""
    terms = {
        "sid": sid,
        "upgrades": upgrades,
        "pingTimeout": int(timeout_s * 1000),
        "pingInterval": int(interval_s) * 1000,
        "maxPayload": most_bytes,
    }
    return b"0" + msgspec.json.encode(terms)


def connected(sid: str) -> bytes:
    """The answer to a client that entered the main namespace."""
    return b"40" + msgspec.json.encode({"sid": sid})


def no_namespace(namespace: bytes) -> bytes:
    """The answer to a client that asked for any other."""
    return b"44" + namespace + b',"Unable to connect"'


def event(room_event: RoomEvent) -> bytes:
    """A room event: its name, and all of its JSON but the name."""
    name = events.name_of(room_event).encode()
    text = events.encode(room_event)
    return b'42["' + name + b'",{' + text[_TYPE_BYTES + len(name) :] + b"]"


def acknowledgement(packet_id: int, reply: Reply | None) -> bytes:
    """A reply, which says its type and not its id (0 here): that is the packet's."""
    if reply is None:
        return b"43%d[]" % packet_id
    text = events.encode(reply)
    at = _TYPE_BYTES + len(events.name_of(reply))
    assert text.startswith(_ID, at), "a command of a Socket.IO wire has the id 0"
    return b"43%d[" % packet_id + text[:at] + text[at + len(_ID) :] + b"]"


def parse(message: bytes) -> Packet:
    """One Socket.IO packet: an Engine.IO message without its first byte.

    Raises:
        NotAPacketError: it is none.
    """
    found = _PACKET.match(message)
    if found is None:
        raise NotAPacketError("a Socket.IO packet begins with its kind")
    kind, attachments, namespace, packet_id = found.groups()
    try:
        rest = message[found.end() :]
        data = msgspec.json.decode(rest) if rest else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise NotAPacketError("a packet's data is JSON") from None
    return Packet(
        kind[0],
        int(attachments or 0),
        namespace or b"/",
        None if packet_id is None else int(packet_id),
        data,
    )
