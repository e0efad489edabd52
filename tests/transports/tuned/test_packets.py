"""The lab's own packets: written and read as by python-socketio."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import ACK, EVENT
from socketio.packet import Packet as Reference

from lab.chat import events
from lab.chat.events import (
    Arrived,
    Departed,
    IsTyping,
    Joined,
    Left,
    Listing,
    Message,
    Page,
    Refused,
    Reply,
    RoomEvent,
    RoomSummary,
    Said,
)
from transports._tuned.engineio import packets

EVENTS: list[RoomEvent] = [
    Arrived("den", "ann", 1),
    Departed("den", "ann", 2, "lost"),
    Message("den", 3, "ann", 'é "\\ \u2028 type":"x', 4),
    IsTyping("den", "ann"),
]
REPLIES: list[Reply] = [
    Joined(0, "den", "ann", ["ann"], 1, truncated=False),
    Left(0, "den"),
    Said(0, "den", 1, 2),
    Page(0, "den", [Arrived("den", "ann", 1)]),
    Listing(0, [RoomSummary("den", 1, 2)]),
    Refused(0, "bad_command", '"id":0,'),
]


def written(packet: bytes) -> Any:
    """The JSON of a packet, after python-socketio has read the first characters."""
    return Reference(encoded_packet=packet[1:].decode()).data


@pytest.mark.parametrize("event", EVENTS, ids=events.name_of)
def test_an_event_is_its_name_and_its_payload(event: RoomEvent) -> None:
    data = [events.name_of(event), events.to_payload(event)]
    assert packets.event(event)[:3] == b"42["
    assert written(packets.event(event)) == data
    assert packets.event(event) == b"42" + msgspec.json.encode(data)


@pytest.mark.parametrize("reply", REPLIES, ids=events.name_of)
def test_an_acknowledgement_is_a_reply_without_its_id(reply: Reply) -> None:
    data = [events.reply_to_payload(reply)]
    assert packets.acknowledgement(17, reply) == b"4317" + msgspec.json.encode(data)


def test_an_acknowledgement_may_be_empty() -> None:
    assert packets.acknowledgement(3, None) == b"433[]"


namespaces = st.sampled_from([None, "/", "/admin", "/a-b"])
ids = st.none() | st.integers(0, 10**20)
data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(st.sampled_from([EVENT, ACK]), namespaces, ids, st.lists(data, max_size=4))
def test_the_packets_of_python_socketio_are_read(
    kind: int, namespace: str | None, packet_id: int | None, said: list[Any]
) -> None:
    text = Reference(kind, said, namespace=namespace, id=packet_id).encode()
    packet = packets.parse(text.encode("utf-8", "surrogatepass"))
    assert packet.kind == ord(str(kind))
    assert packet.namespace.decode() == (namespace or "/")
    assert (packet.id, packet.attachments, packet.data) == (packet_id, 0, said)


@pytest.mark.parametrize(
    "message, expected",
    [
        (b"0", (packets.CONNECT, 0, b"/", None, None)),
        (b'0{"token":1}', (packets.CONNECT, 0, b"/", None, {"token": 1})),
        (b"0/admin", (packets.CONNECT, 0, b"/admin", None, None)),
        (b"0/admin,", (packets.CONNECT, 0, b"/admin", None, None)),
        (b"0/admin?a=b,{}", (packets.CONNECT, 0, b"/admin", None, {})),
        (b"1", (packets.DISCONNECT, 0, b"/", None, None)),
        (b'2["a-b"]', (packets.EVENT, 0, b"/", None, ["a-b"])),
        (b'52-7["a"]', (packets.BINARY_EVENT, 2, b"/", 7, ["a"])),
        (b'51-/x,7["a"]', (packets.BINARY_EVENT, 1, b"/x", 7, ["a"])),
    ],
)
def test_each_part_of_a_packet_is_read(message: bytes, expected: tuple[Any, ...]) -> None:
    assert packets.parse(message) == (*expected, True)


@pytest.mark.parametrize(
    "message", [b"", b"x", b"7", b"2[", b"2" + b"[" * 20_000, b"2\xff", b"2[1]2", b"0/a,b"]
)
def test_an_invalid_packet_is_refused(message: bytes) -> None:
    with pytest.raises(packets.NotAPacketError):
        packets.parse(message)


def test_the_first_packet_has_the_handshake_terms() -> None:
    text = packets.open_packet(
        "s", upgrades=["websocket"], interval_s=25, timeout_s=20, most_bytes=7
    )
    assert text == (
        b'0{"sid":"s","upgrades":["websocket"],"pingTimeout":20000,"pingInterval":25000,'
        b'"maxPayload":7}'
    )
