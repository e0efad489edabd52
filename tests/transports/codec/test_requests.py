"""Read requests from bytes: the cuts between the pieces don't change the result."""

from __future__ import annotations

from typing import NamedTuple

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.handshakes.request import Request, handshake
from tests.conformance.smuggling import CASES, SMUGGLED
from transports._codec.grammar import RefusedError
from transports._codec.requests import CONTINUE, MOST_HEAD_BYTES, Requests

MOST_BODY_BYTES = 1000
GET = b"GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
WITHHELD = b"POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"


class Read(NamedTuple):
    """The result for some bytes: method, target and body of each request, then the state."""

    requests: list[tuple[str, str, str, bytes]]
    refused: int | None
    unread_bytes: int | None


def read(segments: list[bytes], most_body_bytes: int = MOST_BODY_BYTES) -> Read:
    """Feed the segments in order, and take the complete requests after each."""
    reader, found = Requests(most_body_bytes), list[tuple[str, str, str, bytes]]()
    for segment in segments:
        reader.feed(segment)
        try:
            while (taken := reader.next()) is not None:
                request, body = taken
                found.append((request.method, request.path, request.query, body))
        except RefusedError as refused:
            assert 400 <= refused.status <= 505
            return Read(found, refused.status, None)
    return Read(found, None, reader.unread_bytes)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The bytes in segments that end at these positions, if there are so many bytes."""
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def by_the_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def test_requests_come_one_after_the_other() -> None:
    assert read([GET + POST + GET]).requests == [
        ("GET", "/a", "b", b""),
        ("POST", "/a", "", b"hello"),
        ("GET", "/a", "b", b""),
    ]


def test_bytes_after_an_upgrade_are_left() -> None:
    reader = Requests(MOST_BODY_BYTES)
    reader.feed(GET + b"\x81\x85")
    assert reader.next() is not None
    assert reader.rest() == b"\x81\x85"
    assert reader.unread_bytes == 0


def test_empty_lines_before_a_request_are_skipped() -> None:
    for count in (1, 2, 1000):
        empty = b"\r\n" * count
        assert read([empty + GET + empty + POST]).requests == read([GET + POST]).requests
        assert read(by_the_byte(empty + GET)).requests == read([GET]).requests


def test_empty_lines_without_end_are_refused() -> None:
    assert read([b"\r\n" * MOST_HEAD_BYTES]).refused == 431
    assert read([b"\r\n"] * MOST_HEAD_BYTES).refused == 431


@pytest.mark.parametrize(
    "begun",
    [
        b"\x16",
        b"\x16\x03\x01\x02\x00\x01",
        b"\x05\x01",
        b"\n",
        b"\0",
        b" ",
        b"\r\n\n",
        b"\rG",
        b"GET\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"EHLO localhost\r\n",
        b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n",
        b"GET / HTTP/1.1\nHost: a",
        b"GET / HTTP/1.1\r\n ",
        b"GET / HTTP/1.1\r\nHost: a\r\nX ",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \0",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 01\r\n",
    ],
)
def test_a_hopeless_request_is_refused_at_once(begun: bytes) -> None:
    assert read([begun]).refused == 400
    assert read(by_the_byte(begun)).refused == 400


def test_another_version_is_refused_at_once() -> None:
    assert read([b"PRI * HTTP/2.0\r\n"]).refused == 505


@pytest.mark.parametrize("size", [MOST_HEAD_BYTES - 1, MOST_HEAD_BYTES, MOST_HEAD_BYTES + 1])
def test_a_head_has_a_size_limit(size: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX: %b\r\n\r\n"
    data = head % (b"x" * (size - len(head) + 2))
    expected = None if size <= MOST_HEAD_BYTES else 431
    assert read([data]).refused == expected
    assert read(cut(data, [100, 5000, size - 3, size - 1])).refused == expected


def test_a_body_has_a_size_limit() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    assert read([head % MOST_BODY_BYTES]).refused is None
    assert read([head % (MOST_BODY_BYTES + 1)]).refused == 413


def test_a_withheld_body_is_requested_once() -> None:
    reader = Requests(MOST_BODY_BYTES)
    reader.feed(WITHHELD[:-1])
    assert reader.next() is None
    assert reader.interim() == b""
    reader.feed(WITHHELD[-1:])
    assert reader.next() is None
    assert [reader.interim(), reader.interim()] == [CONTINUE, b""]
    reader.feed(b"hello" + GET)
    assert reader.next() is not None
    assert reader.next() is not None
    assert reader.interim() == b""


@pytest.mark.parametrize(
    "sent",
    [
        WITHHELD + b"hello",
        WITHHELD.replace(b"Length: 5", b"Length: 0"),
        WITHHELD.replace(b"HTTP/1.1", b"HTTP/1.0"),
        POST[:-1],
    ],
    ids=["the body is there", "there is none", "HTTP/1.0", "nothing is expected"],
)
def test_a_body_that_has_arrived_is_not_requested(sent: bytes) -> None:
    reader = Requests(MOST_BODY_BYTES)
    reader.feed(sent)
    reader.next()
    assert reader.interim() == b""


@pytest.mark.parametrize("expected", [b"200-ok", b"100-continue, 200-ok", b""])
def test_another_expectation_is_refused(expected: bytes) -> None:
    assert read([WITHHELD.replace(b"100-continue", expected)]).refused == 417
    assert read([WITHHELD.replace(b"HTTP/1.1", b"HTTP/1.0")]).refused is None


def test_a_reader_names_the_part_that_is_missing() -> None:
    reader, parts = Requests(MOST_BODY_BYTES), []
    for segment in (b"\r\n", b"\r", b"\n", POST[:9], POST[9:-3], POST[-3:], GET[:1], GET[1:]):
        reader.feed(segment)
        reader.next()
        parts.append(reader.part)
    assert parts == [None, "head", None, "head", "body", None, "head", None]


def test_a_response_to_head_has_no_body() -> None:
    reader = Requests(MOST_BODY_BYTES)
    for request in (GET, GET.replace(b"GET", b"HEAD"), POST):
        reader.feed(request)
        assert reader.next() is not None
        assert reader.bodiless is request.startswith(b"HEAD")


# Properties, over all that is known to be difficult, and what a mutation makes of it.

OPENINGS: list[Request] = [handshake("ws://localhost/"), Request("GET", "/a?b", {"Host": "a"})]
OF_OPENINGS = {
    f"{name}, {opening.target}": case(opening)
    for name, case in CASES.items()
    for opening in OPENINGS
}
CORPUS = OF_OPENINGS | {
    "a GET": GET,
    "a POST": POST,
    "a HEAD": GET.replace(b"GET", b"HEAD"),
    "a body that is expected": WITHHELD + b"hello",
    "an absolute target": GET.replace(b"/a", b"http://a:80/b"),
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "empty lines": b"\r\n\r\n" + GET,
    "a TLS ClientHello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two protocols": OPENINGS[0].having({"Upgrade": "h2c, websocket"}).encode(),
    "close and Upgrade": OPENINGS[0].having({"Connection": "close, Upgrade"}).encode(),
}
PIECES = [
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"\x0b", b"0", b"Host: a\r\n", b"HTTP/1.1",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n",
    b"\r\n\r\n", b"GET ", b"http://", b"#", b"\xff", b"x" * MOST_HEAD_BYTES, b"\r\n" * 9000,
    b"X: y\r\n" * 101, SMUGGLED,
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """One or two requests of the corpus with a few changed bytes."""
    data = b"".join(draw(st.lists(st.sampled_from(list(CORPUS.values())), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        until = draw(st.integers(at, min(len(data), at + 20)))
        data = data[:at] + draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + data[until:]
    return data


SENT = mutated() | st.binary(max_size=200)


@pytest.mark.parametrize("data", CORPUS.values(), ids=list(CORPUS))
def test_the_corpus_reads_the_same_in_bytes_and_at_once(data: bytes) -> None:
    assert read(by_the_byte(data)) == read([data])


@given(SENT, st.lists(st.integers(0, 20_000), max_size=8))
@example(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", [15])
def test_the_cuts_of_the_bytes_change_nothing(data: bytes, places: list[int]) -> None:
    assert read(cut(data, places)) == read([data])


@given(SENT)
def test_h11_reads_every_accepted_request_the_same(data: bytes) -> None:
    """h11, which proxies and servers use, reads each accepted request the same."""
    mine = read([data]).requests
    if not mine:
        return
    server = h11.Connection(h11.SERVER, max_incomplete_event_size=4 * MOST_HEAD_BYTES)
    server.receive_data(data.lstrip(b"\r\n"))
    head = server.next_event()
    assert isinstance(head, h11.Request)
    body = b""
    while isinstance(event := server.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    method, _path, _query, expected = mine[0]
    assert (head.method.decode(), body) == (method, expected)
