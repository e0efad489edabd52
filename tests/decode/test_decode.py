"""Every byte accounted for, whatever came; real conversations read down to their commands."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.decode.decode import decode
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    Connection,
    Direction,
    EmptyLines,
    EngineIoPacket,
    Frame,
    HttpRequest,
    HttpResponse,
    Incomplete,
    Node,
    SocketIoPacket,
    Text,
    Trace,
    Undecodable,
    segments_of,
    walk,
)
from tests.decode.capture import TRANSPORTS, Capture, load


class Piece(msgspec.Struct):
    connection: int
    direction: Direction
    at_ns: int
    data: bytes


class Happened(msgspec.Struct):
    connection: int
    kind: str
    at_ns: int
    direction: str | None = None


def tap(up: bytes, down: bytes, *, closed: bool = False) -> Trace:
    events = [Happened(1, "closed", 9)] if closed else []
    return decode([Piece(1, "up", 1, up), Piece(1, "down", 2, down)], events)


def one(trace: Trace) -> Connection:
    (connection,) = trace.connections
    return connection


def all_of(trace: Trace, kind: type[Node]) -> list[Any]:
    nodes = (node for c in trace.connections for node in walk((*c.up, *c.down)))
    return [node for node in nodes if type(node) is kind]


def assert_accounted(trace: Trace) -> None:
    for connection in trace.connections:
        for direction, nodes in (("up", connection.up), ("down", connection.down)):
            at = 0
            for segment in segments_of(nodes):
                assert segment.start == at, f"{direction}: byte {at} has two owners or none"
                assert segment.end > segment.start
                at = segment.end
            assert at == len(connection.bytes_of("up" if direction == "up" else "down"))
            for node in walk(nodes):
                assert 0 <= node.start <= node.end <= at
                assert node.direction == direction
                assert "\n" not in node.summary


def owned(trace: Trace, direction: Direction, label: str) -> bytes:
    connection = one(trace)
    nodes = connection.up if direction == "up" else connection.down
    data = connection.bytes_of(direction)
    return b"".join(data[s.start : s.end] for s in segments_of(nodes) if s.label == label)


# What to build conversations from.

GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
HEAD = b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
POLL = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n"
UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
NATIVE = UPGRADE % b"/"
SOCKET_IO = UPGRADE % b"/socket.io/?EIO=4&transport=websocket"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s\r\n"
SWITCHED = SWITCH % b""
DEFLATED = SWITCH % b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
MORE_EXTENSIONS = SWITCH % (
    b"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: x-other\r\n"
)
NO_CONTEXT = (
    SWITCH % b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
)


def post(body: bytes, target: bytes = b"/socket.io/?EIO=4&transport=polling&sid=s") -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s" % (
        target,
        len(body),
        body,
    )


POST = post(b"x", b"/")


def answer(body: bytes, extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (extra, len(body), body)


def chunked(*parts: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


def frame(payload: bytes, first: int = 0x81, mask: bytes = b"") -> bytes:
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        head = bytes([first, bit | size])
    elif size < 1 << 16:
        head = bytes([first, bit | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, bit | 127]) + size.to_bytes(8, "big")
    hidden = bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if mask else payload
    return head + mask + hidden


def say(payload: bytes, first: int = 0x81) -> bytes:
    return frame(payload, first, b"\x01\x02\x03\x04")


FINAL_BLOCK = bytes.fromhex("f348cdc9c9070000")
"""RFC 7692 section 7.2.3.4: "Hello", in a block that says that it is the last."""

# Properties.

_requests = st.sampled_from(
    [
        GET,
        HEAD,
        POLL,
        NATIVE,
        SOCKET_IO,
        post(b'42["say",{}]\x1e3\x1ebAAA=\x1ex'),
        post(b"{}", b"/"),
    ]
)
_responses = st.sampled_from(
    [
        OK,
        SWITCHED,
        DEFLATED,
        MORE_EXTENSIONS,
        chunked(b"0{}", b"\x1e40"),
        answer(gzip.compress(b"2"), b"Content-Encoding: gzip\r\n"),
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    ]
)
_frames = st.builds(
    frame,
    st.sampled_from(
        [b"", b"2probe", b'430[{"type":"said"}]', b'{"type":"say","id":1}', b"\xff", FINAL_BLOCK]
    ),
    st.integers(0, 255) | st.just(0xC1),
    st.sampled_from([b"", b"\x01\x02\x03\x04"]),
)
_noise = st.binary(max_size=40)
_empty_lines = st.sampled_from([b"\r\n", b"\n", b"\r\n\n\r\n", b"\r", b"\n\r"])
_up = st.lists(_requests | _frames | _noise | _empty_lines, max_size=6).map(b"".join)
_down = st.lists(_responses | _frames | _noise | _empty_lines, max_size=6).map(b"".join)


def _cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


_cuts = st.lists(st.integers(0, 2000), max_size=8)


@given(_up, _down, st.booleans())
def test_arbitrary_bytes_are_all_accounted_for(up: bytes, down: bytes, closed: bool) -> None:
    assert_accounted(tap(up, down, closed=closed))


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_noise_is_accounted_for(up: bytes, down: bytes) -> None:
    assert_accounted(tap(NATIVE + up, SWITCHED + down))
    assert_accounted(tap(up, down))


@given(_up, _down, _cuts, _cuts)
def test_chunks_change_nothing_but_times(
    up: bytes, down: bytes, cuts_up: list[int], cuts_down: list[int]
) -> None:
    whole = decode([Piece(1, "up", 0, up), Piece(1, "down", 0, down)])
    pieces = [Piece(1, "down", 0, data) for data in _cut(down, cuts_down)]
    pieces += [Piece(1, "up", 0, data) for data in _cut(up, cuts_up)]
    assert decode(pieces) == whole


@given(_cuts)
def test_times_are_those_of_the_chunks(cuts: list[int]) -> None:
    up = GET + post(b"42[]\x1e2")
    pieces = _cut(up, cuts)
    trace = decode([Piece(1, "up", number, data) for number, data in enumerate(pieces)])
    came = [number for number, data in enumerate(pieces) for _ in data]
    for node in walk(one(trace).up):
        assert node.first_ns == came[node.start]
        assert node.last_ns == came[node.end - 1]


@pytest.mark.parametrize("transport", TRANSPORTS)
@settings(max_examples=30)
@given(data=st.data())
def test_real_conversations_damaged_are_accounted_for(transport: str, data: st.DataObject) -> None:
    capture = load(transport)
    chunks = [Piece(c.connection, c.direction, c.at_ns, c.data) for c in capture.chunks]
    victim = data.draw(st.sampled_from(chunks))
    at = data.draw(st.integers(0, len(victim.data)))
    victim.data = (
        victim.data[:at] + data.draw(_noise) + victim.data[at + data.draw(st.integers(0, 3)) :]
    )
    assert_accounted(decode(chunks[: data.draw(st.integers(0, len(chunks)))], capture.events))


# Real conversations.

SAID = ["say", "say", "say"]


def assert_understood(capture: Capture) -> None:
    trace = decode(capture.chunks, capture.events)
    assert_accounted(trace)
    assert not all_of(trace, Undecodable)
    assert not all_of(trace, Incomplete)
    assert [c.name for c in all_of(trace, ChatCommand) if c.name == "say"] == SAID
    replies = [event for event in all_of(trace, ChatEvent) if event.reply]
    assert sorted(e.name for e in replies) == ["joined", "said", "said", "said"]
    assert {c.id for c in all_of(trace, ChatCommand)} == {event.id for event in replies}
    assert sum(e.name == "message" for e in all_of(trace, ChatEvent)) == len(SAID)
    tapped = {(c.connection, c.direction) for c in capture.chunks}
    for number, direction in tapped:
        mine = [
            c.data for c in capture.chunks if (c.connection, c.direction) == (number, direction)
        ]
        (found,) = [c for c in trace.connections if c.connection == number]
        assert found.bytes_of(direction) == b"".join(mine)
    assert all(c.opened_ns and c.closed_ns for c in trace.connections)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_kept_conversations_are_understood(transport: str) -> None:
    assert_understood(load(transport))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_live_conversations_are_understood(transport: str) -> None:
    assert_understood(await TRANSPORTS[transport]())


# HTTP.


def test_requests_on_a_kept_alive_connection_find_their_responses() -> None:
    no_content = b"HTTP/1.1 204 No Content\r\n\r\n"
    not_modified = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    trace = tap(GET + HEAD + GET + GET, OK + head + no_content + not_modified)
    assert_accounted(trace)
    found = [(r.exchange, r.status, r.complete) for r in all_of(trace, HttpResponse)]
    assert found == [(0, 200, True), (1, 200, True), (2, 204, True), (3, 304, True)]
    assert owned(trace, "down", "payload") == b"hi"


def test_continue_precedes_the_final_response() -> None:
    trace = tap(post(b"x", b"/"), b"HTTP/1.1 100 Continue\r\n\r\n" + OK)
    assert [(r.exchange, r.status) for r in all_of(trace, HttpResponse)] == [(0, 100), (0, 200)]


def test_chunk_framing_is_apart_from_the_body() -> None:
    trace = tap(POLL, chunked(b"40", b"\x1e2"))
    assert_accounted(trace)
    assert [p.name for p in all_of(trace, EngineIoPacket)] == ["message", "ping"]
    assert owned(trace, "down", "framing") == b"2\r\n40\r\n2\r\n\x1e2\r\n0\r\n\r\n"
    message, ping = all_of(trace, EngineIoPacket)
    data = one(trace).down_bytes
    assert (data[message.start : message.end], data[ping.start : ping.end]) == (b"40", b"2")


def test_a_packet_over_two_chunks_spans_their_framing() -> None:
    trace = tap(POLL, chunked(b'42["mes', b'sage",{}]'))
    (event,) = all_of(trace, ChatEvent)
    assert one(trace).down_bytes[event.start : event.end] == b'["mes\r\n9\r\nsage",{}]'
    assert owned(trace, "down", "payload") == b'["message",{}]'
    assert_accounted(trace)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_body_is_read_while_its_extent_stays(coding: str) -> None:
    text = b'42["message",{}]\x1e431[{"type":"said"}]'
    body = gzip.compress(text) if coding == "gzip" else zlib.compress(text)
    trace = tap(POLL, answer(body, b"Content-Encoding: %s\r\n" % coding.encode()))
    assert_accounted(trace)
    assert [(e.name, e.reply, e.whole) for e in all_of(trace, ChatEvent)] == [
        ("message", False, True),
        ("said", True, True),
    ]
    assert owned(trace, "down", "payload") == body
    (event, _) = all_of(trace, ChatEvent)
    assert one(trace).down_bytes[event.start : event.end] == body


def test_a_compressed_heartbeat_is_framing() -> None:
    body = gzip.compress(b"2")
    trace = tap(POLL, answer(body, b"Content-Encoding: gzip\r\n"))
    assert owned(trace, "down", "framing") == body


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        (b"br", b"x", "content coding 'br' is not decoded here"),
        (b"gzip", b"not gzip", "compressed data is damaged"),
        (b"gzip", gzip.compress(bytes(65 << 20)), "grows beyond"),
    ],
    ids=["unknown", "damaged", "bomb"],
)
def test_a_body_that_cannot_be_decompressed(coding: bytes, body: bytes, reason: str) -> None:
    trace = tap(GET, answer(body, b"Content-Encoding: %s\r\n" % coding))
    (found,) = all_of(trace, Undecodable)
    assert reason in found.reason
    assert owned(trace, "down", "undecodable") == body
    assert_accounted(trace)


@pytest.mark.parametrize(
    "up",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"hello\r\n\r\n",
        b"\r",
    ],
    ids=["tls", "text", "half a line end"],
)
def test_what_is_not_http_is_undecodable(up: bytes) -> None:
    trace = tap(up, b"SSH-2.0-OpenSSH\r\n")
    assert [type(node) for node in one(trace).nodes()] == [Undecodable, Undecodable]
    assert owned(trace, "up", "undecodable") == up
    assert "this is not HTTP/1" in all_of(trace, Undecodable)[0].reason


@pytest.mark.parametrize("lines", [b"\r\n", b"\n", b"\r\n\r\n", b"\n\r\n\n"], ids=repr)
def test_empty_lines_between_messages_are_no_part_of_them(lines: bytes) -> None:
    up, down = [lines, GET, lines, POST, lines, GET, lines], [lines, OK, lines, OK, lines, OK]
    trace = tap(b"".join(up), b"".join(down))
    assert_accounted(trace)
    assert [node.exchange for node in all_of(trace, HttpRequest)] == [0, 1, 2]
    assert [node.exchange for node in all_of(trace, HttpResponse)] == [0, 1, 2]
    empty = all_of(trace, EmptyLines)
    assert len(empty) == 7
    assert {node.end - node.start for node in empty} == {len(lines)}
    assert owned(trace, "up", "framing") == 4 * lines


def test_an_empty_line_before_the_answer_to_an_upgrade_is_no_frame() -> None:
    trace = tap(b"\r\n" + NATIVE + say(b"{}"), b"\r\n" + SWITCHED + frame(b"{}"))
    assert_accounted(trace)
    assert [type(node) for node in one(trace).up] == [EmptyLines, HttpRequest, Frame]
    assert [type(node) for node in one(trace).down] == [EmptyLines, HttpResponse, Frame]


def test_a_line_end_after_an_upgrade_is_no_empty_line() -> None:
    trace = tap(NATIVE + b"\r\n", SWITCHED)
    assert not all_of(trace, EmptyLines)
    assert_accounted(trace)


def test_a_malformed_request_and_the_answer_to_it() -> None:
    bad = b"GET / HTTP/1.1\r\nno colon\r\n\r\n"
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    trace = tap(bad, refusal)
    assert "illegal header line" in all_of(trace, Undecodable)[0].reason
    assert [r.status for r in all_of(trace, HttpResponse)] == [400]
    assert_accounted(trace)


@pytest.mark.parametrize("closed", [True, False])
def test_the_unfinished_is_said_to_be_so(closed: bool) -> None:
    trace = tap(GET[:-2], OK[:-1], closed=closed)
    assert len(all_of(trace, Incomplete)) == 2
    assert owned(trace, "up", "undecodable") == GET[:-2]
    assert owned(trace, "down", "payload") == b"h"
    assert not all_of(trace, HttpResponse)[0].complete
    assert_accounted(trace)


def test_an_unfinished_chunk_size_is_left_over() -> None:
    trace = tap(POLL, chunked(b"40")[:-5] + b"1")
    # The line end after a chunk counts as part of what follows it.
    assert owned(trace, "down", "undecodable") == b"\r\n1"
    assert [t.summary for t in all_of(trace, Text)] == ["body, 2 B"]
    assert_accounted(trace)


def test_a_broken_chunk_ends_what_can_be_read() -> None:
    trace = tap(GET + GET, chunked(b"40")[:-5] + b"zz\r\n" + OK)
    assert owned(trace, "down", "undecodable") == b"\r\nzz\r\n" + OK
    assert_accounted(trace)


def test_a_body_may_end_with_the_connection() -> None:
    until = b"HTTP/1.0 200 OK\r\n\r\nall"
    assert all_of(tap(GET, until, closed=True), HttpResponse)[0].complete
    assert not all_of(tap(GET, until), HttpResponse)[0].complete
    half = [Happened(1, "fin", 5, "down")]
    pieces = [Piece(1, "up", 1, GET), Piece(1, "down", 2, until)]
    assert all_of(decode(pieces, half), HttpResponse)[0].complete


def test_tunnels_and_unknown_upgrades_are_not_looked_into() -> None:
    connect = b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"
    tunnel = tap(connect + GET, b"HTTP/1.1 200 OK\r\n\r\n" + OK)
    assert owned(tunnel, "up", "undecodable") == GET
    assert owned(tunnel, "down", "undecodable") == OK
    other = NATIVE.replace(b"websocket", b"h2c"), SWITCHED.replace(b"websocket", b"h2c")
    assert "upgraded to 'h2c'" in all_of(tap(other[0] + b"PRI", other[1]), Undecodable)[0].reason
    refused = tap(connect + GET, b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" + OK)
    assert not all_of(refused, Undecodable)


def test_a_refused_upgrade_leaves_http_as_it_was() -> None:
    trace = tap(NATIVE + GET, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno" + OK)
    assert [r.status for r in all_of(trace, HttpResponse)] == [400, 200]
    assert not all_of(trace, Undecodable)


def test_a_request_target_that_is_no_url_is_still_a_request() -> None:
    trace = tap(GET.replace(b"/a", b"//[?EIO=4"), OK)
    assert all_of(trace, HttpRequest)[0].target == "//[?EIO=4"


def test_a_response_nobody_asked_for() -> None:
    trace = tap(b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    assert [r.status for r in all_of(trace, HttpResponse)] == [408]


def test_a_connection_without_bytes_is_listed() -> None:
    trace = decode([], [Happened(3, "opened", 7), Happened(3, "closed", 8)])
    assert (one(trace).connection, one(trace).opened_ns, one(trace).closed_ns) == (3, 7, 8)


# WebSocket.


def talk(up: bytes, down: bytes = b"", request: bytes = NATIVE, switch: bytes = SWITCHED) -> Trace:
    trace = tap(request + up, switch + down)
    assert_accounted(trace)
    return trace


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_frames_of_every_length(size: int) -> None:
    trace = talk(say(b"x" * size), frame(b"y" * size, 0x82))
    up, down = all_of(trace, Frame)
    assert (up.masked, up.payload_bytes, up.opcode) == (True, size, 1)
    assert (down.masked, down.payload_bytes, down.opcode) == (False, size, 2)
    assert not up.violation
    assert owned(trace, "down", "payload") == b"y" * size


def test_native_commands_and_events() -> None:
    events = [
        b'{"type":"said","id":7}',
        b'{"type":"message","room":"r"}',
        b'{"type":"refused","id":null}',
    ]
    trace = talk(say(b'{"type":"say","id":7}'), b"".join(map(frame, events)))
    assert [(c.name, c.id) for c in all_of(trace, ChatCommand)] == [("say", 7)]
    found = [(e.name, e.reply, e.id) for e in all_of(trace, ChatEvent)]
    assert found == [("said", True, 7), ("message", False, None), ("refused", True, None)]


def test_fragments_with_a_ping_between_are_one_message() -> None:
    parts = (
        say(b'{"type":', 0x01) + say(b"ping!", 0x89) + say(b'"say",', 0x00) + say(b'"id":1}', 0x80)
    )
    trace = talk(parts)
    assert [f.opcode for f in all_of(trace, Frame)] == [1, 9, 0, 0]
    (command,) = all_of(trace, ChatCommand)
    assert (command.name, command.start) == ("say", all_of(trace, Frame)[0].start + 6)
    assert command in all_of(trace, Frame)[-1].children


def test_deflated_messages_keep_their_window() -> None:
    press = zlib.compressobj(wbits=-15)
    texts = [b'{"type":"message","text":"hello"}'] * 2
    pressed = [press.compress(t) + press.flush(zlib.Z_SYNC_FLUSH) for t in texts]
    down = b"".join(frame(p[:-4], 0xC1) for p in pressed)
    trace = talk(b"", down, switch=DEFLATED)
    assert [e.name for e in all_of(trace, ChatEvent)] == ["message", "message"]
    assert all(f.rsv1 for f in all_of(trace, Frame))
    assert len(pressed[1]) < len(pressed[0]), "the window made the second shorter"
    lost = talk(b"", frame(b"\xff", 0xC1) + down, switch=DEFLATED)
    assert "damaged" in all_of(lost, Undecodable)[0].reason
    assert "window was lost" in all_of(lost, Undecodable)[1].reason
    fresh = talk(b"", frame(b"\xff", 0xC1) + frame(pressed[0][:-4], 0xC1), switch=NO_CONTEXT)
    assert [e.name for e in all_of(fresh, ChatEvent)] == ["message"]


@pytest.mark.parametrize(
    ("down", "reason"),
    [
        (frame(b"x", 0x83), "opcode 3 is reserved"),
        (frame(b"x", 0xC1), "reserved bit"),
        (frame(b"x", 0x80), "fragments of two messages"),
        (frame(b"x", 0x01) + frame(b"y"), "fragments of two messages"),
        (frame(b"\xff\xfe"), "not UTF-8"),
        (b"\x81\x7f" + b"\xff" * 8 + b"x", "highest bit"),
    ],
    ids=["opcode", "rsv1", "continuation of nothing", "interrupted", "utf-8", "length"],
)
def test_frames_that_break_the_protocol(down: bytes, reason: str) -> None:
    trace = talk(b"", down)
    assert reason in all_of(trace, Undecodable)[0].reason
    assert owned(trace, "down", "undecodable")


@pytest.mark.parametrize(
    ("down", "owner"),
    [
        (b"\x81", "undecodable"),
        (b"\x81\x7e\x00", "undecodable"),
        (frame(b"hello")[:-1], "payload"),
        (frame(b"hello", 0x01), "payload"),
    ],
    ids=["header", "length", "payload", "fragment"],
)
def test_frames_that_are_unfinished(down: bytes, owner: str) -> None:
    trace = talk(b"", down)
    assert len(all_of(trace, Incomplete)) == 1
    assert owned(trace, "down", owner)


def test_violations_that_leave_a_frame_readable() -> None:
    trace = talk(frame(b'{"type":"say","id":1}'), frame(b"x" * 126, 0x89) + frame(b"", 0x0A))
    assert [f.violation.split(" (")[0] for f in all_of(trace, Frame)] == [
        "clients mask, servers don't",
        "a control frame is fragmented or longer than 125 bytes",
        "a control frame is fragmented or longer than 125 bytes",
    ]
    assert [c.name for c in all_of(trace, ChatCommand)] == ["say"]


def test_a_close_frame_says_why() -> None:
    trace = talk(b"", frame(b"\x03\xe8bye", 0x88))
    assert all_of(trace, Frame)[0].summary == "close frame, 5 B, 1000 bye"


# Engine.IO and Socket.IO.


def test_a_payload_of_packets() -> None:
    body = b'42["say",{"text":"x"}]\x1e2probe\x1ebAAEC\x1e5'
    trace = tap(post(body), answer(b"ok"))
    assert_accounted(trace)
    names = [(p.name, p.data) for p in all_of(trace, EngineIoPacket)]
    assert names == [("message", None), ("ping", "probe"), ("message", None), ("upgrade", "")]
    assert owned(trace, "up", "payload") == b'["say",{"text":"x"}]AAEC'
    assert owned(trace, "up", "framing") == b"42\x1e2probe\x1eb\x1e5"
    assert owned(trace, "down", "framing") == b"ok"


def test_an_empty_packet_stands_where_it_is() -> None:
    trace = tap(POLL, chunked(b"40", b"\x1e"))
    (found,) = all_of(trace, Undecodable)
    assert found.start == found.end == one(trace).down_bytes.index(b"\x1e") + 1
    assert_accounted(trace)
    first = tap(POLL, chunked(b"\x1e40", b"\x1e2"))
    assert all_of(first, Undecodable)[0].start == one(first).down_bytes.index(b"\x1e")
    assert_accounted(first)


def test_errors_of_the_server_and_jsonp_are_not_packets() -> None:
    error = b'HTTP/1.1 400 Bad\r\nContent-Length: 10\r\n\r\n{"code":1}'
    assert not all_of(tap(POLL, error), EngineIoPacket)
    jsonp = tap(POLL.replace(b" HTTP", b"&j=0 HTTP"), answer(b'___eio[0]("2");'))
    assert owned(jsonp, "down", "payload") == b'___eio[0]("2");'


def test_socket_io_packets() -> None:
    texts = [
        b"40/admin,{}",
        b'42/admin,7["say",{}]',
        b'451-["say",{"_placeholder":true,"num":0}]',
        b"41",
    ]
    trace = talk(b"".join(map(say, texts)) + say(b"\x00\x01", 0x82), request=SOCKET_IO)
    found = [(p.name, p.namespace, p.ack_id) for p in all_of(trace, SocketIoPacket)]
    assert found == [
        ("connect", "/admin", None),
        ("event", "/admin", 7),
        ("binary_event", "/", None),
        ("disconnect", "/", None),
    ]
    assert [(c.name, c.id) for c in all_of(trace, ChatCommand)] == [("say", 7), ("say", None)]
    assert owned(trace, "up", "payload").endswith(say(b"\x00\x01", 0x82)[6:])


def test_an_ack_without_type_is_a_reply_all_the_same() -> None:
    trace = talk(b"", frame(b"435[]") + frame(b'436["x"]'), request=SOCKET_IO)
    assert [(e.name, e.reply, e.id) for e in all_of(trace, ChatEvent)] == [
        ("reply", True, 5),
        ("reply", True, 6),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "Engine.IO packets begin with"),
        (b"9", "Engine.IO packets begin with"),
        (b"b!", "not base64"),
        (b"4", "Socket.IO packets begin with"),
        (b"49", "Socket.IO packets begin with"),
        (b"40{", "connect is not JSON"),
        (b"42", "not a JSON array"),
        (b"42{}", "not a JSON array"),
        (b"42[1]", "not its name"),
        (b"42" + b"[" * 100_000, "not a JSON array"),
        (b"42" + b"1" * 5000 + b"[]", "not a JSON array"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_packets_that_break_the_protocol(text: bytes, reason: str) -> None:
    trace = talk(say(text), request=SOCKET_IO)
    assert reason in all_of(trace, Undecodable)[0].reason
