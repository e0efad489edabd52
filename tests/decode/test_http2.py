"""HTTP/2 is read down to what the room says, and every byte of it has one owner."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest
from hyperframe.frame import (
    GoAwayFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    WindowUpdateFrame,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lab.decode.decode import decode
from lab.decode.frames import payload_of
from lab.decode.http2 import fields
from lab.decode.http2.frames import PREFACE
from lab.decode.live import http2
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    Direction,
    Frame,
    Http2Frame,
    HttpRequest,
    HttpResponse,
    Incomplete,
    Node,
    StreamPart,
    Trace,
    Undecodable,
    segments_of,
)
from lab.ledger.ledger import ledger
from lab.ledger.live import LiveLedger
from lab.ledger.show import annotate
from tests.decode.http2 import ACK, OPENED, SETTINGS, STREAM, WEBSOCKET, Sender, cut, request, some
from tests.decode.live.test_live import comparable, live, nodes_of, pieces_of
from tests.decode.test_decode import (
    Happened,
    Piece,
    all_of,
    assert_accounted,
    frame,
    one,
    owned,
    say,
    tap,
)

SAY = b'{"type":"say","id":2,"room":"den","text":"hi"}'
JOIN = b'{"type":"join","id":1,"room":"den","name":"ann"}'
JOINED = b'{"type":"joined","id":1,"room":"den"}'
MESSAGE = b'{"type":"message","room":"den","text":"hi"}'
OK = {":status": "200"}
EVENTS = {":status": "200", "content-type": "text/event-stream"}

cuts = st.lists(st.integers(0, 5000), max_size=12)
order = st.lists(st.booleans(), max_size=40)


def event(text: bytes) -> bytes:
    return b"data:4:::" + text + b"\n\n"


def websocket(up_cuts: list[int], down_cuts: list[int], padding: int = 0) -> tuple[bytes, bytes]:
    """A conversation on one stream, whose content is cut into DATA frames at these places."""
    up = (
        say(JOIN)
        + say(b"")
        + say(SAY[:9], 0x01)
        + say(b"p", 0x89)
        + say(SAY[9:], 0x80)
        + say(b"", 0x88)
    )
    down = frame(JOINED) + frame(MESSAGE) + frame(b"p", 0x8A) + frame(b"", 0x88)
    return (
        Sender(OPENED)
        .headers(1, WEBSOCKET)
        .content(1, *cut(up, up_cuts), ends=True, padding=padding)
        .data,
        Sender(SETTINGS + ACK)
        .headers(1, OK)
        .content(1, *cut(down, down_cuts), ends=True, padding=padding)
        .data,
    )


def requests() -> tuple[bytes, bytes]:
    """Four streams whose frames are mixed, and everything that stands beside them."""
    body = b"5:::" + SAY
    up = Sender(OPENED + ACK)
    up.headers(1, request("GET", "/a"), ends=True).headers(3, request("POST", STREAM), fragments=3)
    up.content(3, body[:7]).headers(5, request("GET", STREAM), ends=True)
    up.frame(PingFrame(0, b"12345678"), WindowUpdateFrame(5, 9)).content(3, body[7:], padding=4)
    up.headers(7, request("GET", STREAM), ends=True).content(3, b"")
    up.headers(3, {"x-sum": "1"}, ends=True).frame(RstStreamFrame(5, 8), some(16, b"?", stream=0))
    up.frame(PriorityFrame(9), GoAwayFrame(0, 0, 0))
    pressed = zlib.compressobj(wbits=31)
    part = pressed.compress(event(MESSAGE)) + pressed.flush(zlib.Z_SYNC_FLUSH)
    down = Sender(SETTINGS + ACK).headers(1, {":status": "103", "link": "x"})
    down.headers(1, OK | {"content-encoding": "gzip"}).headers(5, EVENTS)
    down.content(5, event(MESSAGE)[:5], event(MESSAGE)[5:] + event(MESSAGE)[:3])
    down.headers(7, EVENTS | {"content-encoding": "gzip"}).content(7, part[:9], part[9:])
    down.promise(1, 2).headers(2, OK).content(2, b"pushed", ends=True)
    down.content(1, gzip.compress(b"text"), padding=3).content(5, event(MESSAGE)[3:])
    down.headers(3, {":status": "204"}, ends=True).content(1, b"", ends=True)
    down.content(7, pressed.flush(), ends=True)
    return up.data, down.data


def described(trace: Trace) -> list[Any]:
    """The tree without its times."""

    def timeless(node: Node) -> Node:
        return structs.replace(
            node, first_ns=0, last_ns=0, children=tuple(map(timeless, node.children))
        )

    return [timeless(node) for found in trace.connections for node in (*found.up, *found.down)]


def names(nodes: list[Node]) -> list[str]:
    return [node.name for node in nodes if isinstance(node, Http2Frame)]


def in_place(nodes: list[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (node.start, node.end))


def assert_agrees(pieces: list[Piece | Happened]) -> Trace:
    """What is found live is found in the whole, and each byte has one owner in both."""
    chunks = [each for each in pieces if isinstance(each, Piece)]
    trace = decode(chunks)
    assert_accounted(trace)
    found = live(pieces)
    for direction in ("up", "down"):
        way: Direction = "up" if direction == "up" else "down"
        nodes = in_place(nodes_of(found, 1, way))
        whole = one(trace).up if way == "up" else one(trace).down
        assert comparable(nodes) == comparable(whole)
    return trace


@given(up_cuts=cuts, down_cuts=cuts, padding=st.sampled_from([0, 5]), cuts=cuts, order=order)
@settings(max_examples=80)
def test_a_websocket_is_read_however_it_is_cut(
    up_cuts: list[int], down_cuts: list[int], padding: int, cuts: list[int], order: list[bool]
) -> None:
    up, down = websocket(up_cuts, down_cuts, padding)
    trace = assert_agrees(pieces_of(up, down, cuts, order))
    assert not all_of(trace, Undecodable)
    assert [node.name for node in all_of(trace, ChatCommand)] == ["join", "say"]
    assert [node.name for node in all_of(trace, ChatEvent)] == ["joined", "message"]
    assert owned(trace, "down", "payload") == JOINED + MESSAGE
    said = [node for node in all_of(trace, Frame) if node.direction == "up"]
    payloads = [payload_of(node, up) for node in said]
    assert payloads == [JOIN, b"", SAY[:9], b"p", SAY[9:], b""]
    assert SAY[9:25].decode() in "".join(annotate(trace, 0)) or up_cuts
    assert described(trace) == described(tap(up, down))


@given(cuts=cuts, order=order)
@settings(max_examples=80)
def test_mixed_streams_are_read_however_they_are_cut(cuts: list[int], order: list[bool]) -> None:
    up, down = requests()
    trace = assert_agrees(pieces_of(up, down, cuts, order))
    assert described(trace) == described(tap(up, down))


def test_mixed_streams_are_told_apart() -> None:
    trace = tap(*requests())
    assert_accounted(trace)
    sent, came = all_of(trace, HttpRequest), all_of(trace, HttpResponse)
    assert [(node.exchange, node.method) for node in sent] == [
        (0, "GET"),
        (1, "POST"),
        (2, "GET"),
        (3, "GET"),
    ]
    assert [(node.exchange, node.status) for node in came] == [
        (0, 103),
        (0, 200),
        (2, 200),
        (3, 200),
        (1, 204),
    ]
    assert came[1].text_bytes == 4
    assert [node.name for node in all_of(trace, ChatCommand)] == ["say"]
    assert [node.name for node in all_of(trace, ChatEvent)] == ["message"] * 3
    parts = [(node.exchange, node.summary.partition(",")[0]) for node in all_of(trace, StreamPart)]
    open_ones = [(2, "event"), (2, "event"), (2, "end of the stream")]
    assert sorted(parts) == sorted([*open_ones, (3, "event"), (3, "end of the stream")])
    assert "PING" in names(list(one(trace).up))
    reasons = [node.reason for node in all_of(trace, Undecodable)]
    assert reasons == [http2.UNKNOWN, *[http2.PUSHED] * 3]
    sums = [segment for node in sent for segment in node.segments if segment.label == "http"]
    assert len(sums) == len(sent) + 1, "a trailer is a header block too"


def test_header_blocks_are_http_and_other_heads_are_framing() -> None:
    up, down = websocket([], [])
    trace = tap(up, down)
    block = Sender(b"").headers(1, WEBSOCKET).data
    assert owned(trace, "up", "http") == block
    assert owned(trace, "up", "framing").startswith(PREFACE + SETTINGS)
    assert ledger(trace).total.down.total == len(down)


def test_round_trips_are_those_of_rfc_8441() -> None:
    up, down = websocket([60], [30])
    settled, asked = len(OPENED), len(Sender(OPENED).headers(1, WEBSOCKET).data)
    answered = len(Sender(SETTINGS + ACK).headers(1, OK).data)
    events = [Happened(1, "opened", 1)]
    chunks = [
        Piece(1, "down", 2, down[: len(SETTINGS)]),  # it crosses the preface
        Piece(1, "up", 3, up[:settled]),
        Piece(1, "up", 4, up[settled:asked]),
        Piece(1, "down", 5, down[len(SETTINGS) : answered]),
        Piece(1, "up", 6, up[asked:]),
        Piece(1, "down", 7, down[answered:]),
    ]
    (entry,) = ledger(decode(chunks, events)).entries
    assert entry.name == "websocket, connection 1, stream 1"
    assert entry.connect is not None
    assert entry.joined is not None
    assert entry.connect.purposes == ("TCP", "SETTINGS", "CONNECT")
    assert entry.joined.purposes == ("TCP", "SETTINGS", "CONNECT", "join")
    kept = LiveLedger()
    kept.opened(0, 1, 1)
    for number, found in enumerate(live([*chunks, Happened(1, "closed", 8)]), 1):
        kept.take(number, found)
    account = kept.account()
    assert account.joined is not None
    assert account.joined.counted == entry.joined


def test_a_second_websocket_on_the_connection_needs_one_round_trip() -> None:
    up, down = Sender(OPENED).headers(1, WEBSOCKET), Sender(SETTINGS).headers(1, OK)
    pieces = [Piece(1, "up", 1, up.data), Piece(1, "down", 2, down.data)]
    up, down = up.begin().headers(3, WEBSOCKET), down.begin().headers(3, OK)
    pieces += [Piece(1, "up", 3, up.data), Piece(1, "down", 4, down.data)]
    up, down = up.begin().content(3, say(JOIN)), down.begin().content(3, frame(JOINED))
    pieces += [Piece(1, "up", 5, up.data), Piece(1, "down", 6, down.data)]
    first, second = ledger(decode(pieces)).entries
    assert (first.name[-8:], second.name[-8:]) == ("stream 1", "stream 3")
    assert second.connect is not None
    assert second.connect.purposes == ("CONNECT",)
    assert second.joined is not None
    assert second.joined.round_trips == 2


UP = Sender(OPENED).headers(1, WEBSOCKET).data
GET = Sender(OPENED).headers(1, request("GET", "/"), ends=True).data
BROKEN = b"\x00\x00\x05\x01\x05\x00\x00\x00\x03\xff\xff\xff\xff\xff"


WRONG: dict[str, tuple[bytes, bytes, str]] = {
    "a damaged block": (GET + BROKEN, b"", "damaged"),
    "a block after a damaged one": (GET + BROKEN + some(1, b"\x82", 5, 5), b"", fields.LOST),
    "a request without its fields": (OPENED + some(1, b"\x82", 5), b"", fields.MALFORMED),
    "a status that is no number": (
        GET,
        SETTINGS + some(1, b"\x08\x03\x32\x30\x78", 5),
        fields.MALFORMED,
    ),
    "a damaged block of the server's": (
        OPENED + some(1, b"\xff\xff\xff\xff\xff", 4, 2),
        b"",
        fields.DAMAGED,
    ),
    "a block with priority": (OPENED + some(1, bytes(5) + b"\x82\x86\x84", 0x25), b"", ""),
    "a second request on a stream": (GET + some(1, b"\x82", 4), b"", http2.CLOSED),
    "content after the end": (GET + some(0, b"late"), b"", http2.CLOSED),
    "content before the head": (OPENED + some(0, b"early"), b"", http2.NO_HEAD),
    "another frame in a block": (OPENED + some(1, b"\x82", 0) + ACK, b"", http2.NOT_CONTINUED),
    "another stream's block": (
        OPENED + some(1, b"\x82", 0) + some(9, b"", 4, 3),
        b"",
        http2.NOT_CONTINUED,
    ),
    "a continuation of nothing": (OPENED + some(9, b"\x82", 4), b"", http2.NOT_CONTINUED),
    "a long block": (OPENED + some(1, bytes(70_000), 4), b"", http2.LONG_BLOCK),
    "content of no stream": (OPENED + some(0, b"x", stream=0), b"", http2.NO_STREAM),
    "a reset of no stream": (OPENED + some(3, bytes(4), stream=0), b"", http2.NO_STREAM),
    "padding": (OPENED + some(1, b"\x09x", 0x0C), b"", "padding"),
    "SETTINGS of a wrong size": (OPENED + some(4, b"12345", stream=0), b"", "size"),
    "GOAWAY of a wrong size": (OPENED + some(7, b"12345", stream=0), b"", "size"),
    "PING of a wrong size": (OPENED + some(6, b"12345", stream=0), b"", "size"),
    "the end in a block": (OPENED + some(1, b"\x82", 0) + b"\0", b"", http2.CUT),
    "the end in a frame": (OPENED + b"\0\0", b"", http2.CUT),
    "no answer": (UP + some(0, say(SAY)), SETTINGS, "not answered"),
    "a refusal": (
        UP + some(0, say(SAY)),
        Sender(SETTINGS).headers(1, {":status": "403"}).data,
        "refused",
    ),
    "another protocol": (
        OPENED + Sender(b"").headers(1, WEBSOCKET | {":protocol": "x"}).content(1, b"?").data,
        Sender(SETTINGS).headers(1, OK).content(1, b"!").data,
        "asked for",
    ),
    "a tunnel": (
        OPENED
        + Sender(b"").headers(1, {":method": "CONNECT", ":authority": "h:1"}).data
        + some(0, b"?"),
        Sender(SETTINGS).headers(1, OK).data,
        "tunnel",
    ),
    "an answer to nothing": (
        OPENED,
        Sender(SETTINGS).headers(1, OK).content(1, b"unasked", ends=True).data,
        "",
    ),
    "a reset with an unknown code": (
        GET + RstStreamFrame(1, 99).serialize(),
        Sender(SETTINGS).headers(1, OK).data,
        "",
    ),
    "a reset of an even stream": (
        UP + RstStreamFrame(2, 0).serialize(),
        SETTINGS + some(3, bytes(4), stream=9),
        "",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@given(cuts=cuts, order=order)
@settings(max_examples=8)
def test_what_breaks_the_rules_is_shown_and_counted(
    name: str, cuts: list[int], order: list[bool]
) -> None:
    up, down, reason = WRONG[name]
    trace = assert_agrees(pieces_of(up, down, cuts, order))
    unread = [*all_of(trace, Undecodable), *all_of(trace, Incomplete)]
    assert not reason or any(reason in node.reason for node in unread)


@given(up=st.binary(max_size=200), down=st.binary(max_size=200), cuts=cuts, order=order)
@settings(max_examples=100)
def test_noise_is_accounted_for(up: bytes, down: bytes, cuts: list[int], order: list[bool]) -> None:
    for known in (b"", Sender(b"").headers(1, WEBSOCKET).data, some(0)):
        pieces = pieces_of(OPENED + known + up, SETTINGS + known + down, cuts, order)
        trace = decode([each for each in pieces if isinstance(each, Piece)])
        assert_accounted(trace)
        found = live(pieces)
        for way in (one(trace).up_bytes, one(trace).down_bytes):
            direction: Direction = "up" if way is one(trace).up_bytes else "down"
            sizes = [s.end - s.start for s in segments_of(nodes_of(found, 1, direction))]
            assert sum(sizes) == len(way)


def test_without_hpack_frames_are_shown_and_blocks_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fields, "hpack", None)
    trace = tap(*websocket([9], [9]))
    assert_accounted(trace)
    reasons = {node.reason for node in all_of(trace, Undecodable)}
    assert reasons == {fields.MISSING, http2.CLOSED}
    assert names(list(one(trace).up))[:3] == ["preface", "SETTINGS", "HEADERS"]


def test_an_open_stream_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    up = Sender(OPENED).headers(1, request("GET", STREAM), ends=True)
    down = Sender(SETTINGS).headers(1, EVENTS)
    pieces: list[Piece | Happened] = [Piece(1, "up", 1, up.data), Piece(1, "down", 2, down.data)]
    assert [each.node.direction for each in live(pieces)] == ["up", "up", "up", "down"]
    pieces.append(Piece(1, "down", 3, Sender(b"").content(1, event(MESSAGE)).data))
    head, part = live(pieces)[-2:]
    assert isinstance(head.node, HttpResponse)
    assert (head.base, part.base) == (len(SETTINGS), len(down.data))
    monkeypatch.setattr(http2.Http2, "most_bytes", 100)
    held = [*pieces, Piece(1, "down", 4, Sender(b"").content(1, b"data:" + bytes(200)).data)]
    assert any(isinstance(each.node, Incomplete) for each in live(held))


def test_streams_that_were_reset_make_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http2, "STREAMS_MAX", 2)
    up, down = Sender(OPENED), Sender(SETTINGS)
    for stream in (1, 3, 5):
        up.headers(stream, request("GET", STREAM), ends=True).frame(RstStreamFrame(stream, 8))
        down.headers(stream, EVENTS)
    pieces: list[Piece | Happened] = [Piece(1, "up", 1, up.data), Piece(1, "down", 2, down.data)]
    assert [each.node for each in live(pieces) if isinstance(each.node, HttpRequest)]
    up = Sender(OPENED)
    for stream in (1, 3, 5):
        up.headers(stream, request("POST", "/"))
    assert http2.MANY_STREAMS in {
        getattr(each.node, "reason", "") for each in live([Piece(1, "up", 1, up.data)])
    }
