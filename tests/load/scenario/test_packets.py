"""Texts are written as Socket.IO 5 has them, and the target's are recognised."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lab.load.raw.frames import BINARY, FINAL, TEXT
from lab.load.scenario.packets import Heard, Outgoing, read_socket_io, read_text
from lab.load.scenario.reading import FrameIds, payload_ids
from lab.load.scenario.watch import NOTHING, Watch, as_sent
from lab.scenario import Connect, Expected, Message

VALUES = {"id": b"12345678", "client": b"client-0", "room": b"room-0", "n": b"0"}
SOCKETIO, NATIVE = Connect(transport="socketio"), Connect(transport="websocket")
CHAT = Connect(transport="socketio", namespace="/chat")


def outgoing(message: dict[str, Any], connect: Connect, acked: bool = False) -> Outgoing:
    return Outgoing(msgspec.convert(message, Message), connect, lambda n: b"x" * n, acked=acked)


@pytest.mark.parametrize(
    ("message", "connect", "acked", "text"),
    [
        ({"event": "say", "args": ["{id}", 1]}, SOCKETIO, False, b'42["say","12345678",1]'),
        ({"event": "say"}, SOCKETIO, True, b'4212345678["say"]'),
        ({"event": "say"}, CHAT, True, b'42/chat,12345678["say"]'),
        ({"text": "{id} {text:2}"}, NATIVE, False, b"12345678 xx"),
        ({"json": {"id": "{id:number}"}}, NATIVE, False, b'{"id":12345678}'),
    ],
)
def test_a_message_is_written(
    message: dict[str, Any], connect: Connect, acked: bool, text: bytes
) -> None:
    ready = outgoing(message, connect, acked)
    assert ready.render(VALUES, b"12345678") == text
    assert acked or text.startswith(ready.beginning)


@pytest.mark.parametrize(
    ("text", "namespace", "heard"),
    [
        (b'42["say",1]', "/", ("say", None, [1])),
        (b'42[ "say" , 1 ]', "/", ("say", None, [1])),
        (b'427["say"]', "/", ("say", None, [])),
        (b'42/chat,["say"]', "/chat", ("say", None, [])),
        (b'42/chat?a=b,["say"]', "/chat", ("say", None, [])),
        (b'42/chat,["say"]', "/", None),
        (b'42["say"]', "/chat", None),
        (b"437[1]", "/", (None, 7, [1])),
        (b"43[1]", "/", None),
        (b"42[]", "/", None),
        (b'451-["say",{"_placeholder":true,"num":0}]', "/", ("say", None, None)),
        (b"42{}", "/", None),
        (b"42[", "/", None),
        (b"40", "/", None),
        (b"7", "/", None),
        (b'42["\xff"]', "/", None),
    ],
)
def test_a_packet_is_read(text: bytes, namespace: str, heard: Any) -> None:
    found = read_socket_io(text, namespace)
    if heard is None or found is None:
        assert found is heard
        return
    assert (found.event, found.ack) == heard[:2]
    assert heard[2] is None or found.content == heard[2]


RECOGNISED = {
    "event": ({"event": "say"}, '42["say","12345678 hi"]', b"12345678"),
    "event's field": ({"event": "say", "id": "0.id"}, '42["say",{"id":"12345678"}]', b"12345678"),
    "number": ({"event": "say", "id": "1"}, '42["say",7,12345678]', b"12345678"),
    "match": ({"event": "say", "match": {"a": 1}}, '42["say",{"a":1,"i":12345678}]', b"12345678"),
    "field": ({"match": {"a": 1}, "id": "b.0.c"}, '{"a":1,"b":[{"c":12345678}]}', b"12345678"),
    "start": ({"starts": "id "}, "id 12345678", b"12345678"),
    "another event": ({"event": "say"}, '42["said","12345678"]', None),
    "another match": ({"match": {"a": 1}}, '{"a":2,"i":12345678}', None),
    "no object": ({"match": {"a": 1}}, "[1, 12345678]", None),
    "no object in an event": ({"event": "say", "match": {"a": 1}}, '42["say",12345678]', None),
    "another start": ({"starts": "id "}, "12345678", None),
    "no such field": ({"event": "say", "id": "0.id"}, '42["say",{"a":12345678}]', None),
    "no such argument": ({"event": "say", "id": "3"}, '42["say",12345678]', None),
    "no table": ({"event": "say", "id": "0.id"}, '42["say",12345678]', None),
    "longer digits": ({"event": "say"}, '42["say",123456789]', None),
    "no acknowledgement": ({"ack": True}, '42["say",12345678]', None),
}


def read(text: str) -> Heard:
    found = (
        read_socket_io(text.encode(), "/") if text.startswith("42") else read_text(text.encode())
    )
    assert found is not None
    return found


@pytest.mark.parametrize("case", RECOGNISED)
def test_a_message_is_recognised_with_its_id(case: str) -> None:
    expected, text, tag = RECOGNISED[case]
    watch, heard = Watch(msgspec.convert(expected, Expected)), read(text)
    found = next(watch.ids(heard), None) if watch.recognises(heard) else None
    assert found == tag


def test_a_watch_learns_the_shape_and_forgets_what_differs() -> None:
    watch = Watch(Expected(event="say"))
    assert watch.mark is NOTHING
    texts = (b'42["say",{"by":"ann","id":"11111111"}]', b'42["say",{"by":"ana","id":"22222222"}]')
    watch.learn(texts[0], b"11111111")
    assert (watch.mark, watch.offset) == (b'42["say",{"by":"ann","id":"', 27)
    watch.learn(texts[1], b"22222222")
    assert (watch.mark, watch.offset) == (b'42["say",{"by":"an', 27)
    watch.learn(b'42["say","33333333"]', b"33333333")
    assert (watch.mark, watch.offset) == (b'42["say","', 10)
    watch.learn(b'42["say","44444444"]', b"44444444")
    assert watch.mark == b'42["say","'


def test_a_watch_learns_nothing_where_the_kind_stands_behind_the_id() -> None:
    watch = Watch(Expected(match={"type": "said"}))
    watch.learn(b'{"type": "said", "id": 11111111}', b"11111111")
    assert watch.mark == b'{"type": "said", "id": '
    watch.learn(b'{"id":11111111,"type":"said"}', b"11111111")
    assert watch.mark is NOTHING


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"event": "say", "args": ["{id}"]}, {"event": "say"}),
        ({"json": {"type": "say", "id": "{id}"}}, {"match": {"type": "say"}}),
        ({"json": {"id": "{id}"}}, {"starts": '{"id":"'}),
        ({"json": ["{id}"]}, {"starts": '["'}),
        ({"text": "{id} hi"}, {"starts": ""}),
        ({"text": "say {id}"}, {"starts": "say "}),
    ],
)
def test_an_echo_looks_as_it_was_sent(message: dict[str, Any], expected: dict[str, Any]) -> None:
    connect = SOCKETIO if "event" in message else NATIVE
    sent = msgspec.convert(message, Message)
    beginning = outgoing(message, connect).beginning
    assert msgspec.to_builtins(as_sent(sent, beginning)) == expected


def frame(payload: bytes, first: int = FINAL | TEXT) -> bytes:
    """A server's frame (RFC 6455 section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    wide = size >= 1 << 16
    return bytes([first, 127 if wide else 126]) + size.to_bytes(8 if wide else 2) + payload


@pytest.mark.parametrize("piece", [1, 3, 1000, 1 << 20])
def test_frames_give_their_ids_in_pieces_of_any_size(piece: int) -> None:
    long, longest = b"y" * 200, b"z" * (1 << 16)
    data = b"".join(
        [
            frame(b"id 11111111"),
            frame(b"id 11111111 " + long),
            frame(b"id 22222222 " + longest),
            frame(b"id 99999999"),
            frame(b"id 1111"),
            frame(b"id 11111111", FINAL | BINARY),
            frame(b"no 11111111"),
            frame(b""),
            frame(b"id 22222222"),
        ]
    )
    watch = Watch(Expected(starts="id"))
    watch.learn(b"id 11111111", b"11111111")
    others: list[tuple[int, bytes]] = []
    reader = FrameIds(watch, {b"11111111": 1, b"22222222": 1}, lambda *it: others.append(it))
    tags = [tag for at in range(0, len(data), piece) for tag in reader.feed(data[at : at + piece])]
    assert tags == [b"11111111", b"11111111", b"22222222", b"22222222"]
    assert others == [
        (FINAL | TEXT, b"id 99999999"),
        (FINAL | TEXT, b"id 1111"),
        (FINAL | BINARY, b"id 11111111"),
        (FINAL | TEXT, b"no 11111111"),
        (FINAL | TEXT, b""),
    ]


def test_a_payload_gives_its_ids() -> None:
    watch = Watch(Expected(event="a"))
    watch.learn(b'42["a","11111111"]', b"11111111")
    others: list[bytes] = []
    body = b'42["a","11111111"]\x1e2\x1e42["a","22222222"]'
    assert payload_ids(body, watch, {b"11111111": 1}, others.append) == [b"11111111"]
    assert others == [b"2", b'42["a","22222222"]']
