"""What a transport puts around a message, held against the libraries; and the mean of it."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from engineio.packet import Packet as EngineIoPacket
from engineio.payload import Payload
from socketio.packet import Packet
from websockets.frames import Frame, Opcode

from lab.weigh.framing import CARRIERS, CODECS, chunk_head, poll_head, websocket_head
from lab.weigh.model import Settings, Way, Weight, ways, weigh

VALUE = {"text": "안녕", "seq": 7, "of": [None, 1.5, True]}
BY_NAME = {carrier.name: carrier for carrier in CARRIERS}
POLL = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_the_head_of_a_frame(length: int) -> None:
    frame = Frame(Opcode.BINARY, bytes(length)).serialize(mask=False)
    assert websocket_head(length) == len(frame) - length


def test_the_heads_of_http() -> None:
    assert poll_head(3) == len(POLL) - 3
    assert chunk_head(255) == len("ff\r\n\r\n")
    assert BY_NAME["socketio-polling"].compressed_head_bytes == len("Content-Encoding: gzip\r\n")


@pytest.mark.parametrize("name", ["socketio-websocket", "socketio-polling"])
def test_a_packet_is_that_of_python_socketio(name: str) -> None:
    packet = Packet(packet_type=2, data=["message", VALUE], namespace="/")
    carried = Payload([EngineIoPacket(4, packet.encode())]).encode().encode()
    assert msgspec.json.decode(_sent(name, "json")[2:]) == msgspec.json.decode(carried[2:])
    assert _sent(name, "json")[:2] == carried[:2]


def test_a_binary_packet_is_base64_in_a_polling_payload() -> None:
    binary = _sent("socketio-websocket", "msgpack")
    assert msgspec.msgpack.decode(binary) == {"type": 2, "data": ["message", VALUE], "nsp": "/"}
    payload = Payload([EngineIoPacket(4, binary)]).encode().encode()
    assert _sent("socketio-polling", "msgpack") == payload


def test_an_event_of_a_stream_is_one_line_of_text() -> None:
    for codec, decode in (("json", _json), ("msgpack", _msgpack)):
        event = _sent("sse", codec)
        assert event.startswith(b"data:") and event.endswith(b"\n\n")
        assert event.count(b"\n") == 2
        assert decode(event[5:-2]) == VALUE


def _json(text: bytes) -> Any:
    return msgspec.json.decode(text)


def _msgpack(text: bytes) -> Any:
    return msgspec.msgpack.decode(base64.b64decode(text, validate=True))


def _sent(name: str, codec: str) -> bytes:
    (payload,) = Way(codec, BY_NAME[name], None).payloads([VALUE])
    return payload


def test_every_codec_and_transport_has_its_ways() -> None:
    found = list(ways(Settings(windows=(9, 15), levels=(1, 6))))
    for codec in CODECS:
        of = {
            name: [
                way.compression for way in found if (way.codec, way.carrier.name) == (codec, name)
            ]
            for name in BY_NAME
        }
        assert {name: len(each) for name, each in of.items()} == {
            "websocket": 1 + 2 * 2 * 2,
            "socketio-websocket": 1 + 2 * 2 * 2,
            "socketio-polling": 1 + 2,
            "sse": 1 + 2,
        }
        assert all(each[0] is None for each in of.values())
        assert not any(each.kept for each in of["socketio-polling"] if each)
        assert all(each.kept for each in of["sse"] if each)
    assert len(set(found)) == len(found)


def test_the_mean_of_the_bytes() -> None:
    plain, *_ = ways(Settings())
    assert weigh(plain, [bytes(100), bytes(200)]) == Weight(150, 3, 153)
    poll = next(
        way for way in ways(Settings()) if way.compression and way.compression.kind == "gzip"
    )
    (payload,) = poll.compressed([bytes(500)])
    found = weigh(poll, [bytes(500)])
    assert found.payload_bytes == len(payload)
    assert found.framing_bytes == poll_head(len(payload)) + len("Content-Encoding: gzip\r\n")
    assert found.plain_bytes == 500 + poll_head(500)
    assert found.saved == 1 - found.total_bytes / found.plain_bytes
