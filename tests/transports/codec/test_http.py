"""The lab's own HTTP: clear requests are read, ambiguous ones get the right status."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports._codec.grammar import RefusedError
from transports._codec.http import DATE, Request, parse, refusal, response

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
def test_a_connection_is_kept_alive_by_default(first: bytes, header: bytes, kept: bool) -> None:
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
def test_ambiguous_requests_are_refused(head: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(head)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "header, size",
    [(b"A: b", 0), (b"Content-Length: 0", 0), (b"Content-Length: 12", 12)],
)
def test_a_body_has_the_declared_length(header: bytes, size: int) -> None:
    assert request(header).body_bytes == size


@pytest.mark.parametrize(
    "headers, status",
    [
        ([b"Content-Length: -1"], 400),
        ([b"Content-Length: 1e3"], 400),
        ([b"Content-Length: "], 400),
        ([b"Content-Length: \xb2"], 400),  # a digit, but not of ASCII
        ([b"Content-Length: " + b"0" * 23 + b"54"], 400),
        ([b"Content-Length: 054"], 400),
        ([b"Content-Length: " + b"9" * 16], 400),
        ([b"Transfer-Encoding: chunked"], 411),
        ([b"Transfer-Encoding: chunked", b"Content-Length: 5"], 400),
    ],
)
def test_a_body_of_no_known_length_is_refused(headers: list[bytes], status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        request(*headers)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "target, host, path, query",
    [
        (b"/a?b=c?d", "localhost", "/a", "b=c?d"),
        (b"http://Other:81/a?b", "Other:81", "/a", "b"),
        (b"HTTPS://other", "other", "/", ""),
        (b"http://other?b", "other", "/", "b"),
        (b"http://[::1]:80/", "[::1]:80", "/", ""),
    ],
)
def test_an_absolute_target_names_the_host(target: bytes, host: str, path: str, query: str) -> None:
    asked = request(first=b"GET %b HTTP/1.1" % target)
    assert (asked.headers["host"], asked.path, asked.query) == (host, path, query)
    assert request().headers["host"] == "localhost"


def test_an_asterisk_stands_for_the_whole_server() -> None:
    assert request(first=b"OPTIONS * HTTP/1.1").path == "*"


@pytest.mark.parametrize(
    "host",
    ["", "a", "a:", "a:80", "a-b.c_d~", "127.0.0.1:80", "[::1]", "[::ffff:1.2.3.4]:80", "%c3%a9"],
)
def test_valid_hosts_are_accepted(host: str) -> None:
    assert parse(b"GET / HTTP/1.1\r\nHost: " + host.encode()).headers["host"] == host


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_request_or_refused(head: bytes) -> None:
    try:
        parse(head)
    except RefusedError as refused:
        assert 400 <= refused.status <= 505


@given(st.sampled_from([200, 400, 404, 426]), st.binary(max_size=300))
def test_h11_reads_the_responses(status: int, body: bytes) -> None:
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


def test_a_refusal_has_a_reason_and_closes() -> None:
    said = refusal(RefusedError(426, "no", {"Upgrade": "websocket"}))
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    assert {b"Upgrade: websocket", b"Connection: close"} <= set(head.split(b"\r\n"))
    assert body == b"no"


def test_a_refusal_of_head_has_a_length_but_no_body() -> None:
    refused = RefusedError(405, "no", {"Allow": "GET"})
    whole, bodiless = refusal(refused), refusal(refused, bodiless=True)
    assert bodiless.endswith(b"\r\n\r\n")
    assert b"Content-Length: 2\r\n" in bodiless
    assert whole == bodiless + b"no"


def test_the_date_is_valid() -> None:
    name, _, value = DATE.line().decode().strip().partition(": ")
    assert name == "Date"
    assert parsedate_to_datetime(value).tzinfo is not None
