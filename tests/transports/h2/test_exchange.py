"""What crosses a stream, translated to HTTP/1.1 and back."""

from __future__ import annotations

import pytest

from transports._h2.exchange import (
    Body,
    ClientExchange,
    End,
    Fields,
    Head,
    NotImplementedHereError,
    ServerExchange,
    UntranslatableError,
)

CONNECT: Fields = [
    (b":method", b"CONNECT"),
    (b":protocol", b"websocket"),
    (b":scheme", b"https"),
    (b":path", b"/chat"),
    (b":authority", b"lab.example"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"not of this protocol"),
]
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: any\r\nServer: this\r\n\r\n"
)


def get(*fields: tuple[bytes, bytes], method: bytes = b"GET") -> Fields:
    pseudo = [(b":method", method), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"a")]
    return [*pseudo, *fields]


def test_a_request_becomes_http_1_1() -> None:
    exchange = ServerExchange()
    split = [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"host", b"a"), (b"accept", b"*/*")]
    head = exchange.incoming_head(get(*split), ends=True)
    assert head.startswith(b"GET / HTTP/1.1\r\nhost: a\r\n")
    assert b"cookie: a=1; b=2\r\n" in head
    assert head.count(b"host:") == 1
    assert exchange.incoming_end() == b""


@pytest.mark.parametrize(
    ("fields", "body"),
    [([], b"2\r\nhi\r\n0\r\n\r\n"), ([(b"content-length", b"2")], b"hi")],
    ids=["of unknown length", "of a known length"],
)
def test_a_body_is_framed_as_http_1_1_frames_it(fields: Fields, body: bytes) -> None:
    exchange = ServerExchange()
    exchange.incoming_head(get(*fields, method=b"POST"), ends=False)
    assert exchange.incoming(b"hi") + exchange.incoming_end() == body


def test_a_body_longer_than_its_length_is_refused() -> None:
    exchange = ServerExchange()
    exchange.incoming_head(get((b"content-length", b"1"), method=b"POST"), ends=False)
    with pytest.raises(UntranslatableError):
        exchange.incoming(b"hi")


def test_a_field_that_http_1_1_cannot_have_is_refused() -> None:
    with pytest.raises(UntranslatableError):
        ServerExchange().incoming_head(get((b"a", b"x\r\nevil: y")), ends=True)


def test_an_answer_becomes_http_2() -> None:
    exchange = ServerExchange()
    exchange.incoming_head(get(), ends=True)
    exchange.incoming_end()
    answer = (
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\nServer: this\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    )
    assert list(exchange.outgoing(answer)) == [
        Head([(b":status", b"103")]),
        Head([(b":status", b"200"), (b"server", b"this")]),
        Body(b"hi"),
        End(),
    ]
    assert list(exchange.outgoing(b"")) == []


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    exchange = ServerExchange()
    exchange.incoming_head(get(), ends=True)
    exchange.incoming_end()
    assert len(list(exchange.outgoing(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"))) == 2
    with pytest.raises(UntranslatableError):
        list(exchange.outgoing(b""))


@pytest.mark.parametrize("early", [b"", b"\x89\0"], ids=["alone", "with a frame"])
def test_a_websocket_becomes_an_upgrade_and_then_a_tunnel(early: bytes) -> None:
    exchange = ServerExchange()
    head = exchange.incoming_head(CONNECT, ends=False)
    assert head.startswith(b"GET /chat HTTP/1.1\r\nhost: lab.example\r\n")
    assert b"upgrade: websocket\r\n" in head
    assert b"not of this protocol" not in head
    answer = list(exchange.outgoing(SWITCHED + early))
    assert answer[0] == Head([(b":status", b"200"), (b"server", b"this")])
    assert answer[1:] == ([Body(early)] if early else [])
    assert exchange.is_tunnel
    assert list(exchange.outgoing(b"\x81\0")) == [Body(b"\x81\0")]
    assert list(exchange.outgoing(b"")) == []
    assert exchange.incoming(b"\x8a\0") + exchange.incoming_end() == b"\x8a\0"


def test_a_connect_for_anything_else_is_not_implemented() -> None:
    with pytest.raises(NotImplementedHereError):
        ServerExchange().incoming_head([(b":method", b"CONNECT")], ends=False)


def asked(scheme: bytes = b"http") -> ClientExchange:
    """A client that has sent RFC 6455's example of a handshake."""
    exchange = ClientExchange(scheme)
    parts = list(
        exchange.outgoing(
            b"GET /chat HTTP/1.1\r\nHost: lab.example\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n"
        )
    )
    fields = [field for field in CONNECT if field[0] != b"sec-websocket-key"]
    assert parts == [Head([(n, scheme if n == b":scheme" else v) for n, v in fields])]
    return exchange


def test_a_client_gets_the_answer_that_rfc_6455_shows() -> None:
    exchange = asked()
    head = exchange.incoming_head([(b":status", b"200")], ends=False)
    assert head.startswith(b"HTTP/1.1 101")
    assert b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
    assert exchange.is_tunnel


def test_a_refused_websocket_is_an_ordinary_answer() -> None:
    exchange = asked(b"https")
    assert exchange.incoming_head([(b":status", b"103")], ends=False).startswith(b"HTTP/1.1 103")
    fields = [(b":status", b"403"), (b"content-length", b"2")]
    assert exchange.incoming_head(fields, ends=False).startswith(b"HTTP/1.1 403")
    assert exchange.incoming(b"no") + exchange.incoming_end() == b"no"
    assert not exchange.is_tunnel


def test_a_request_of_a_client_becomes_http_2() -> None:
    exchange = ClientExchange(b"https")
    request = b"POST /a HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
    assert list(exchange.outgoing(request)) == [
        Head(
            [
                (b":method", b"POST"),
                (b":scheme", b"https"),
                (b":path", b"/a"),
                (b":authority", b"b"),
                (b"content-length", b"2"),
            ]
        ),
        Body(b"hi"),
        End(),
    ]
