"""Which messages are Socket.IO packets in msgpack, and which are refused, under both settings."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import socketio.packet

from lab.contract import Settings
from tests.interop.conftest import needs
from transports._shared import extras
from transports._socketio.packets import BrokenPacketError

needs(extras.missing("msgpack"))
from transports._socketio.msgpack import MSGPACK  # noqa: E402

EVENT = {"type": 2, "nsp": "/", "data": ["say", {"text": "é"}], "id": 7}
DATA = msgspec.msgpack.encode({"type": 2, "nsp": "/", "data": 0})[:-1]
"""An event up to its data."""


def encoded(**changes: Any) -> bytes:
    return msgspec.msgpack.encode({**EVENT, **changes})


def without(*keys: str) -> bytes:
    return msgspec.msgpack.encode({key: EVENT[key] for key in EVENT.keys() - {*keys}})


WHOLE = {
    "an event": encoded(),
    "an event whose name is a number": encoded(data=[1, b"bytes"]),
    "the largest id": encoded(id=2**64 - 1),
    "a field that the protocol does not know": encoded(options={"compress": True}),
    "a connect without data": encoded(type=0, data=None),
    "a disconnect": without("id", "data").replace(b"\xa4type\x02", b"\xa4type\x01"),
    "an acknowledgement": encoded(type=3),
}
BROKEN = {
    "a text": '42["say",{}]',
    "nothing": b"",
    "no map": b"\x93\x02\xa1/\xc0",
    "an unused first byte": b"\xc1",
    "no type": without("type"),
    "no namespace": without("nsp"),
    "no data": without("data"),
    "a type that is unknown": encoded(type=5),
    "a type that is a text": encoded(type="2"),
    "a type that is true": encoded(type=True),
    "a namespace without its slash": encoded(nsp="den"),
    "a negative id": encoded(id=-1),
    "an id that is a text": encoded(id="7"),
    "an id that is nil": encoded(id=None),
    "an event without a name": encoded(data=[]),
    "an event whose name is a list": encoded(data=[["say"]]),
    "an event that is a map": encoded(data={"0": "say"}),
    "an acknowledgement that is a text": encoded(type=3, data="said"),
    "a connect that is a list": encoded(type=0, data=[]),
    "the half of it": encoded()[:-9],
    "one more byte": encoded() + b"\0",
    "an array that is not whole": DATA + b"\xdd\xff\xff\xff\xff",
    "arrays in arrays": DATA + b"\x91" * 60_000 + b"\x01",
    "no UTF-8": DATA + b"\x91\xa1\xff",
    "a key that is a map": DATA + b"\x92\xa1x\x81\x81\x01\x01\x01",
    "a timestamp that is none": DATA + b"\x92\xa1x\xc7\x0c\xff" + b"\xff" * 12,
}


def reading(settings: Settings, message: object) -> socketio.packet.Packet:
    return MSGPACK.packets[settings](encoded_packet=message)


@pytest.mark.parametrize("settings", MSGPACK.packets)
def test_a_packet_is_read(settings: Settings, subtests: pytest.Subtests) -> None:
    for what, message in WHOLE.items():
        with subtests.test(what):
            said = msgspec.msgpack.decode(message)
            packet = reading(settings, message)
            assert packet.packet_type == said["type"]
            assert packet.namespace == said["nsp"]
            assert packet.data == said.get("data")
            assert packet.id == said.get("id")


@pytest.mark.parametrize("settings", MSGPACK.packets)
def test_what_javascript_writes_for_undefined_is_none(settings: Settings) -> None:
    """`notepack.io` has an extension for it. Each connect of a client without data has one."""
    undefined, other = msgspec.msgpack.Ext(0, b"\0"), msgspec.msgpack.Ext(0, b"\1")
    assert reading(settings, encoded(type=0, data=undefined)).data is None
    assert reading(settings, encoded(data=["say", {"key": undefined}])).data == [
        "say",
        {"key": None},
    ]
    with pytest.raises(BrokenPacketError):
        reading(settings, encoded(type=0, data=other))


@pytest.mark.parametrize("settings", MSGPACK.packets)
def test_what_is_no_packet_is_refused(settings: Settings, subtests: pytest.Subtests) -> None:
    for what, message in BROKEN.items():
        with subtests.test(what), pytest.raises(BrokenPacketError):
            reading(settings, message)


@pytest.mark.parametrize("settings", MSGPACK.packets)
def test_a_packet_without_data_is_written_without(settings: Settings) -> None:
    """Nil in place of data is an invalid packet for npm's parser."""
    packet = MSGPACK.packets[settings]
    assert msgspec.msgpack.decode(packet(1, namespace="/").encode()) == {"type": 1, "nsp": "/"}
    assert msgspec.msgpack.decode(packet(2, ["say"], "/", 7).encode()) == {
        "type": 2,
        "data": ["say"],
        "nsp": "/",
        "id": 7,
    }
