"""The live decoder finds what `decode` finds, wherever the bytes are cut, and forgets them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lab.decode.decode import decode
from lab.decode.fallbacks.policy import REQUEST
from lab.decode.live import FoundNode, LiveDecoder
from lab.decode.tree import (
    Direction,
    HttpResponse,
    Incomplete,
    Node,
    Segment,
    StreamPart,
    Trace,
    Undecodable,
    segments_of,
    shifted,
    walk,
)
from tests.decode.capture import TRANSPORTS, load
from tests.decode.test_decode import (
    DEFLATED,
    FINAL_BLOCK,
    GET,
    NATIVE,
    OK,
    SWITCHED,
    Happened,
    Piece,
    _down,
    _up,
    frame,
    say,
)


def live(pieces: Iterable[Piece | Happened]) -> list[FoundNode]:
    decoder, found = LiveDecoder(), []
    for each in pieces:
        found += decoder.feed(each) if isinstance(each, Piece) else decoder.happened(each)
    return found


def nodes_of(found: list[FoundNode], connection: int, direction: Direction) -> list[Node]:
    return [
        shifted(each.node, each.base)
        for each in found
        if each.connection == connection and each.node.direction == direction
    ]


def comparable(nodes: Iterable[Node]) -> list[Any]:
    """What is unread as one piece; of an open response's head, not whether there was an end."""
    listed: list[Node] = []
    for node in nodes:
        last = listed[-1] if listed else None
        if (
            isinstance(node, Undecodable)
            and isinstance(last, Undecodable | Incomplete)
            and last.segments
            and last.reason == node.reason
        ):
            listed[-1] = structs.replace(
                last,
                end=node.end,
                last_ns=node.last_ns,
                segments=(Segment(last.segments[0].start, node.end, "undecodable", "unknown"),),
            )
        else:
            listed.append(node)
    opened = {n.exchange for n in listed if isinstance(n, StreamPart)}
    return [
        structs.replace(n, complete=True)
        if isinstance(n, HttpResponse) and n.exchange in opened
        else n
        for n in listed
    ]


def assert_agrees(pieces: list[Piece | Happened]) -> Trace:
    trace = decode(
        [each for each in pieces if isinstance(each, Piece)],
        [each for each in pieces if isinstance(each, Happened)],
    )
    found = live(pieces)
    for connection in trace.connections:
        number = connection.connection
        for direction in ("up", "down"):
            nodes = nodes_of(found, number, direction)
            whole = connection.up if direction == "up" else connection.down
            assert comparable(nodes) == comparable(whole)
            at = 0
            for segment in segments_of(nodes):
                assert segment.start == at
                at = segment.end
            assert at == len(connection.bytes_of(direction))
    for each in found:
        for node in walk([each.node]):
            assert 0 <= node.start <= node.end <= len(each.data)
    return trace


def cut(data: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in cuts)})
    yield from (data[a:b] for a, b in itertools.pairwise(places))


def pieces_of(up: bytes, down: bytes, cuts: list[int], order: list[bool]) -> list[Piece | Happened]:
    """Both directions cut and interleaved; each byte comes at a time of its own."""
    waiting: dict[Direction, list[bytes]] = {
        "up": list(cut(up, cuts)),
        "down": list(cut(down, cuts)),
    }
    pieces: list[Piece | Happened] = []
    for turn in [*order, *([True] * len(waiting["up"])), *([False] * len(waiting["down"]))]:
        direction: Direction = "up" if turn else "down"
        if waiting[direction]:
            pieces.append(Piece(1, direction, len(pieces) + 1, waiting[direction].pop(0)))
    return [*pieces, Happened(1, "closed", len(pieces) + 1)]


cuts = st.lists(st.integers(0, 10_000), max_size=30)
order = st.lists(st.booleans(), max_size=40)


@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_real_conversation_is_found_as_it_comes(name: str) -> None:
    capture = load(name)
    pieces: list[Piece | Happened] = [
        *(Piece(c.connection, c.direction, c.at_ns, c.data) for c in capture.chunks),
        *(Happened(e.connection, e.kind, e.at_ns, e.direction) for e in capture.events),
    ]
    pieces.sort(key=lambda each: each.at_ns)
    trace = assert_agrees(pieces)
    assert not [n for c in trace.connections for n in walk(c.nodes()) if isinstance(n, Undecodable)]


@pytest.mark.parametrize("name", TRANSPORTS)
@given(cuts=cuts, order=order)
@settings(max_examples=25)
def test_a_real_conversation_may_be_cut_anywhere(
    name: str, cuts: list[int], order: list[bool]
) -> None:
    capture = load(name)
    for number in {chunk.connection for chunk in capture.chunks}:
        mine = [chunk for chunk in capture.chunks if chunk.connection == number]
        up, down = (b"".join(c.data for c in mine if c.direction == d) for d in ("up", "down"))
        assert_agrees(pieces_of(up, down, cuts, order))


@given(up=_up, down=_down, cuts=cuts, order=order)
@settings(max_examples=300)
def test_whatever_comes_is_found_as_by_the_whole(
    up: bytes, down: bytes, cuts: list[int], order: list[bool]
) -> None:
    assert_agrees(pieces_of(up, down, cuts, order))


UPGRADE_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
OTHER_PROTOCOL = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
CONNECT = b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"
ENDLESS_FRAME = b"\x82\xff" + b"\xff" * 8 + b"mask"
POLICY = b"<cross-domain-policy></cross-domain-policy>\0"


@pytest.mark.parametrize(
    ("up", "down"),
    [
        (REQUEST, POLICY),
        (REQUEST + b"more", POLICY + b"more"),
        (REQUEST, b"no policy\0"),
        (REQUEST, b"no policy"),
        (REQUEST[:-1], b""),
        (b"<", POLICY),
        (CONNECT + b"tunnelled", OK + b"tunnelled"),
        (CONNECT + GET, UPGRADE_REFUSED + OK),
        (NATIVE + GET, UPGRADE_REFUSED + OK),
        (NATIVE + GET, b""),
        (NATIVE + say(b"{}"), OK[:20]),
        (NATIVE + b"what it is", OTHER_PROTOCOL + b"nobody knows"),
        (NATIVE + say(b"{}") + ENDLESS_FRAME + b"x" * 9, SWITCHED + ENDLESS_FRAME),
        (NATIVE + say(b"a", 0x01) + say(b"b", 0x89) + say(b"c", 0x80), SWITCHED),
        (NATIVE + say(b"a", 0x01) + say(b"b", 0xB0) + say(b"c", 0x80), SWITCHED),
        (NATIVE, SWITCHED + frame(b"a", 0x01) + frame(b"b", 0x81) + frame(b"c", 0x80)),
        (b"", OK),
        (b"\r\n" + GET + b"\n\r\n" + GET + b"\r\n", b"\r\n" + OK + b"\n" + OK + b"\r\n\r"),
        (b"\r\n" + NATIVE + b"\r\n" + GET, b"\n" + UPGRADE_REFUSED + b"\n" + OK),
        (b"\r\n" + NATIVE + say(b"{}"), b"\r\n" + SWITCHED + frame(b"{}")),
        (b"\r\n" + REQUEST, b"\r\n" + POLICY),
        (REQUEST, b"\r\n" + POLICY),
        (NATIVE + GET, b"\r\n"),
        (b"\r", b"\n"),
        (NATIVE, DEFLATED + 2 * frame(FINAL_BLOCK, 0xC1) + frame(FINAL_BLOCK[:-3], 0xC1)),
        (GET[:9], OK),
        (b"nonsense", OK),
        (GET, b"HTTP/1.1 100 Continue\r\n\r\n" + OK),
        (GET, b"HTTP/1.0 200 OK\r\n\r\nuntil the end"),
        (GET, b"HTTP/1.1 200 " + b"x" * 5000),
        (b"x" * 5000, b""),
    ],
)
@given(cuts=cuts, order=order)
@settings(max_examples=20)
def test_turns_that_a_connection_takes_are_found_as_by_the_whole(
    up: bytes, down: bytes, cuts: list[int], order: list[bool]
) -> None:
    assert_agrees(pieces_of(up, down, cuts, order))


def test_a_request_is_found_before_its_answer_and_a_frame_before_the_next() -> None:
    decoder = LiveDecoder()
    assert decoder.feed(Piece(1, "up", 1, GET[:-1])) == []
    assert decoder.feed(Piece(1, "up", 2, b"")) == []
    (request,) = decoder.feed(Piece(1, "up", 2, GET[-1:]))
    assert (request.node.summary, request.base) == ("GET /a", 0)
    (response,) = decoder.feed(Piece(1, "down", 3, OK))
    assert response.node.summary == "200 OK"
    (request,) = decoder.feed(Piece(1, "up", 4, NATIVE))
    assert request.base == len(GET)
    assert decoder.feed(Piece(1, "up", 5, say(b"{}"))) == []
    switched, spoken = decoder.feed(Piece(1, "down", 6, SWITCHED))
    assert (switched.node.direction, spoken.node.direction) == ("down", "up")
    assert (spoken.node.first_ns, spoken.data) == (5, say(b"{}"))
    assert decoder.happened(Happened(1, "closed", 7)) == []
