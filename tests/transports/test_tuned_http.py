"""HTTP by hand: what is clear is read, what is ambiguous is refused with the status that fits."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports._tuned_http import DATE, RefusedError, Request, parse, refusal, response

HOST = b"Host: localhost"


def request(*headers: bytes, first: bytes = b"GET /socket.io/?EIO=4&t=1 HTTP/1.1") -> Request:
    return parse(b"\r\n".join([first, HOST, *headers]))


def test_a_request_is_its_line_and_its_headers() -> None:
    asked = request(b"Upgrade: WebSocket", b"Connection: keep-alive, Upgrade", b"X-A:  b c ")
    assert (asked.method, asked.path, asked.query) == ("GET", "/socket.io/", "EIO=4&t=1")
    assert asked.headers["x-a"] == "b c"
    assert asked.has("upgrade", "websocket")
    assert asked.has("connection", "upgrade")
    assert not asked.has("connection", "close")
    assert asked.keeps_alive


def test_a_list_may_come_in_several_headers() -> None:
    asked = request(b"Connection: keep-alive", b"connection: Upgrade")
    assert asked.headers["connection"] == "keep-alive, Upgrade"


@pytest.mark.parametrize(
    "first, header, kept",
    [
        (b"GET / HTTP/1.1", b"A: b", True),
        (b"GET / HTTP/1.1", b"Connection: close", False),
        (b"GET / HTTP/1.1", b"Connection: Keep-Alive", True),
        (b"GET / HTTP/1.0", b"A: b", False),
    ],
)
def test_a_connection_lives_on_unless_told_otherwise(
    first: bytes, header: bytes, kept: bool
) -> None:
    assert request(header, first=first).keeps_alive is kept


REFUSED: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "a word": (b"GET", 400),
    "no version": (b"GET /", 400),
    "four words": (b"GET / a HTTP/1.1\r\nHost: a", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: a", 400),
    "another protocol": (b"GET / RTSP/1.0\r\nHost: a", 400),
    "another version": (b"GET / HTTP/2.0\r\nHost: a", 505),
    "not ASCII": (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a", 400),
    "no Host": (b"GET / HTTP/1.1\r\nA: b", 400),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b", 400),
    "two lengths": (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2", 400),
    "no colon": (b"GET / HTTP/1.1\r\nHost: a\r\nabc", 400),
    "no name": (b"GET / HTTP/1.1\r\nHost: a\r\n: b", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost: a\r\nA : b", 400),
    "a folded line": (b"GET / HTTP/1.1\r\nHost: a\r\n b: c", 400),
    "a line feed alone": (b"GET / HTTP/1.1\r\nHost: a\r\nA: b\nC: d", 400),
    "a NUL": (b"GET / HTTP/1.1\r\nHost: a\r\nA: \0", 400),
    "a hundred and one headers": (b"GET / HTTP/1.1\r\n" + b"\r\n".join([b"A: b"] * 101), 431),
}


@pytest.mark.parametrize("head, status", REFUSED.values(), ids=list(REFUSED))
def test_what_is_not_clear_is_refused(head: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(head)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "header, size",
    [(b"A: b", 0), (b"Content-Length: 0", 0), (b"Content-Length: 12", 12)],
)
def test_a_body_is_as_long_as_it_says(header: bytes, size: int) -> None:
    assert request(header).body_bytes == size


@pytest.mark.parametrize(
    "header, status",
    [
        (b"Content-Length: -1", 400),
        (b"Content-Length: 1e3", 400),
        (b"Content-Length: ", 400),
        (b"Content-Length: \xb2", 400),  # a digit, but not of ASCII
        (b"Transfer-Encoding: chunked", 411),
    ],
)
def test_a_body_of_no_known_length_is_refused(header: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        _ = request(header).body_bytes
    assert refused.value.status == status


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_request_or_refused(head: bytes) -> None:
    try:
        parse(head)
    except RefusedError as refused:
        assert 400 <= refused.status <= 505


@given(st.sampled_from([200, 400, 404, 426]), st.binary(max_size=300))
def test_a_response_is_one_to_h11(status: int, body: bytes) -> None:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(response(status, body, {"Content-Type": "text/plain"}))
    head = client.next_event()
    assert isinstance(head, h11.Response)
    assert head.status_code == status
    if body:
        data = client.next_event()
        assert isinstance(data, h11.Data)
        assert data.data == body
    assert isinstance(client.next_event(), h11.EndOfMessage)


def test_a_refusal_says_why_and_closes() -> None:
    said = refusal(RefusedError(426, "no", {"Upgrade": "websocket"}))
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    assert {b"Upgrade: websocket", b"Connection: close"} <= set(head.split(b"\r\n"))
    assert body == b"no"


def test_the_date_is_one() -> None:
    name, _, value = DATE.line().decode().strip().partition(": ")
    assert name == "Date"
    assert parsedate_to_datetime(value).tzinfo is not None
