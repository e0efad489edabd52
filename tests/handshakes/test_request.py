"""Requests as bytes: right ones follow the RFCs, wrong ones have one fault."""

from __future__ import annotations

import h11

from lab.handshakes.request import HANDSHAKE, Request, handshake, parse_requests

URL = "ws://127.0.0.1:8000/chat?EIO=4&transport=websocket"
RIGHT = handshake(URL)


def head(request: Request) -> list[str]:
    return request.encode().partition(b"\r\n\r\n")[0].decode().split("\r\n")


def test_an_http_parser_accepts_a_handshake() -> None:
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(RIGHT.encode())
    request = parser.next_event()
    assert isinstance(request, h11.Request)
    assert (request.method, request.target) == (b"GET", b"/chat?EIO=4&transport=websocket")
    headers = {name.decode(): value.decode() for name, value in request.headers}
    assert headers == {
        "host": "127.0.0.1:8000",
        **{name.lower(): value for name, value in HANDSHAKE.items()},
    }


def test_a_url_without_a_path_requests_the_root() -> None:
    assert handshake("ws://127.0.0.1:1").target == "/"


def test_a_header_is_removed_in_any_spelling() -> None:
    assert "Upgrade: websocket" in head(RIGHT)
    assert "Upgrade: websocket" not in head(RIGHT.without("upgrade"))
    assert len(head(RIGHT.without("upgrade"))) == len(head(RIGHT)) - 1


def test_a_header_is_replaced_in_any_spelling() -> None:
    changed = RIGHT.having({"SEC-WEBSOCKET-VERSION": "8"})
    versions = [line for line in head(changed) if "version" in line.lower()]
    assert versions == ["SEC-WEBSOCKET-VERSION: 8"]


def test_a_repeated_header_appears_twice() -> None:
    keys = [
        line.partition(": ")[2]
        for line in head(RIGHT.repeating("Sec-WebSocket-Key", "another"))
        if line.lower().startswith("sec-websocket-key:")
    ]
    assert keys == [HANDSHAKE["Sec-WebSocket-Key"], "another"]


def test_only_the_named_parameters_of_a_query_change() -> None:
    assert RIGHT.asking(EIO="3").target == "/chat?EIO=3&transport=websocket"
    assert RIGHT.asking(EIO=None).target == "/chat?transport=websocket"
    assert RIGHT.asking(sid="x").target == "/chat?EIO=4&transport=websocket&sid=x"


def test_method_version_and_body_are_encoded() -> None:
    request = RIGHT._replace(method="POST", version="1.0", body=b"hello")
    assert head(request)[0] == "POST /chat?EIO=4&transport=websocket HTTP/1.0"
    assert "Content-Length: 5" in head(request)
    assert request.encode().endswith(b"\r\n\r\nhello")
    assert "Content-Length: 7" in head(request.having({"Content-Length": "7"}))


def test_encoded_requests_are_parsed_back() -> None:
    first = Request("POST", "/a", {"Host": "h"}, b"one")
    second = Request("GET", "/b", {"Host": "h"})
    frames = b"\x81\x80\0\0\0\0"
    read = parse_requests(first.encode() + second.encode() + RIGHT.encode() + frames)
    assert [(r.method, r.target, r.body) for r in read[:2]] == [
        ("POST", "/a", b"one"),
        ("GET", "/b", b""),
    ]
    assert len(read) == 3, "bytes after an upgrade are not a request"
    assert read[2].headers["Upgrade"] == "websocket"
