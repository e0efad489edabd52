"""Socket.IO packets of the msgpack parser, in binary messages of Engine.IO's WebSocket."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.decode.packed import as_json
from lab.decode.tree import ChatCommand, ChatEvent, SocketIoPacket, Trace, Undecodable
from lab.page.detail import json_of
from lab.page.meaning import fields_of
from tests.decode.test_decode import SOCKET_IO, all_of, assert_accounted, frame, owned, say, talk

BINARY = 0x82
SAY = {"room": "den", "text": "é 𒀀"}


def packed(kind: int, **fields: Any) -> bytes:
    return msgspec.msgpack.encode({"type": kind, **fields, "nsp": "/"})


def spoken(up: bytes = b"", down: bytes = b"") -> Trace:
    up_frame = say(up, BINARY) if up else b""
    return talk(up_frame, frame(down, BINARY) if down else b"", request=SOCKET_IO)


def test_an_event_is_a_command_and_its_ack_the_reply() -> None:
    data, reply = ["say", SAY], [{"type": "said", "seq": 3}]
    trace = spoken(packed(2, data=data, id=7), packed(3, data=reply, id=7))
    assert_accounted(trace)
    assert [(each.name, each.id) for each in all_of(trace, ChatCommand)] == [("say", 7)]
    assert [(e.name, e.reply, e.id) for e in all_of(trace, ChatEvent)] == [("said", True, 7)]
    assert owned(trace, "down", "payload") == msgspec.msgpack.encode(reply)
    assert [packet.name for packet in all_of(trace, SocketIoPacket)] == ["event", "ack"]


def test_an_event_of_the_server_can_be_read_in_its_fields() -> None:
    text = packed(2, data=["message", SAY])
    trace = spoken(down=text)
    (event,) = all_of(trace, ChatEvent)
    data = trace.connections[0].bytes_of("down")
    assert fields_of(event, data) == SAY
    assert [msgspec.json.decode(one) for one in json_of(event, data)] == [["message", SAY]]


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [(0, "connect", {"sid": "x"}), (1, "disconnect", None), (4, "connect_error", "no")],
)
def test_packets_of_the_protocol_are_framing(kind: int, name: str, data: Any) -> None:
    text = packed(kind) if data is None else packed(kind, data=data)
    trace = spoken(down=text)
    (packet,) = all_of(trace, SocketIoPacket)
    assert (packet.name, packet.data) == (name, data)
    assert owned(trace, "down", "payload") == b""
    assert_accounted(trace)


@pytest.mark.parametrize("data", [None, "say", [], [1]], ids=repr)
def test_an_event_without_a_name_is_undecodable(data: Any) -> None:
    trace = spoken(packed(2, data=data))
    assert len(all_of(trace, Undecodable)) == 1
    assert_accounted(trace)


@pytest.mark.parametrize(
    "text",
    [b"\x00\x01", b"\x81", packed(9), packed(2)[:-1], msgspec.msgpack.encode({"type": 2})],
    ids=["an attachment", "half a map", "an unknown type", "cut", "no namespace"],
)
def test_what_is_no_packet_stays_a_binary_message(text: bytes) -> None:
    trace = spoken(text)
    assert not all_of(trace, SocketIoPacket)
    assert not all_of(trace, Undecodable)
    assert_accounted(trace)


@given(st.binary(max_size=40), st.integers(0, 60))
def test_damaged_packets_are_accounted_for(noise: bytes, at: int) -> None:
    text = packed(2, data=["say", SAY], id=7)
    assert_accounted(spoken(text[:at] + noise + text[at:]))


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (7, None),
        ("text", None),
        ([1, {"a": b"x"}], b'[1,{"a":"eA=="}]'),
        ({(1,): 2}, b'{"(1,)":2}'),
        ([msgspec.msgpack.Ext(5, b"x")], b'["extension"]'),
        ({"data": msgspec.msgpack.Ext(0, b"\0")}, b'{"data":"undefined"}'),
    ],
    ids=["a number", "a text", "bytes in a map", "a list as a key", "an extension", "undefined"],
)
def test_maps_and_arrays_are_shown_as_json(value: Any, json: bytes | None) -> None:
    assert as_json(msgspec.msgpack.encode(value)) == json


@given(st.binary(max_size=30))
def test_whatever_came_can_be_shown_or_not(data: bytes) -> None:
    found = as_json(data)
    assert found is None or msgspec.json.decode(found) is not None
