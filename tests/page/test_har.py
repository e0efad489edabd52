"""A capture as an HTTP Archive: every exchange, every message, every byte of them, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.decode.decode import decode
from lab.decode.tree import HttpRequest
from lab.page.har import UNKNOWN, har_of
from lab.relay.capture import Captured, Chunk
from tests.decode.capture import LINES, TEXT, Capture, load
from tests.decode.http2 import OPENED, SETTINGS, Sender, request
from tests.decode.test_decode import NATIVE, SWITCHED, frame

CAPTURES = ["native", "native-deflate", "socketio", "socketio-polling", "socketio-websocket"]
MASK = bytes([1, 2, 3, 4])
UNIX_NS = 1_700_000_000_000_000_000


def entries_of(captured: list[Captured], *, tls: bool = False) -> list[dict[str, Any]]:
    archive = json.loads(json.dumps(har_of(captured, UNIX_NS, str, "1.2.3", tls=tls)))
    assert archive["log"]["version"] == "1.2"
    assert archive["log"]["creator"] == {"name": "Transport Lab", "version": "1.2.3"}
    entries: list[dict[str, Any]] = archive["log"]["entries"]
    return entries


def captured_by(capture: Capture) -> list[Captured]:
    return [
        Chunk(each.connection, each.direction, each.at_ns, each.data) for each in capture.chunks
    ]


def live(*pieces: tuple[str, bytes]) -> list[Captured]:
    return [
        Chunk(1, "up" if way == "up" else "down", at, data) for at, (way, data) in enumerate(pieces)
    ]


@pytest.mark.parametrize("name", CAPTURES)
def test_every_exchange_is_in_it_with_its_bytes(name: str) -> None:
    capture = load(name)
    entries = entries_of(captured_by(capture))
    trace = decode(capture.chunks)
    requests = [n for c in trace.connections for n in c.up if isinstance(n, HttpRequest)]
    assert len(entries) == len(requests)
    assert sum(entry["request"]["headersSize"] for entry in entries) == sum(
        segment.end - segment.start
        for request in requests
        for segment in request.segments
        if segment.label == "http"
    )
    for entry in entries:
        assert float(entry["startedDateTime"]) > UNIX_NS / 1e9
        assert entry["time"] == pytest.approx(sum(entry["timings"].values()))
        assert entry["request"]["url"].startswith("http://")


@pytest.mark.parametrize("name", sorted({*CAPTURES} - {"native-deflate"}))
def test_what_was_said_is_in_it(name: str) -> None:
    entries = entries_of(captured_by(load(name)))
    said = [
        str(text)
        for entry in entries
        for text in (
            entry["request"].get("postData", {}).get("text"),
            entry["response"]["content"].get("text"),
            *(message["data"] for message in entry.get("_webSocketMessages", [])),
        )
    ]
    assert sum(text.count(TEXT) for text in said) >= LINES


def test_a_message_in_fragments_is_whole_and_control_frames_are_left_out() -> None:
    captured = live(
        ("up", NATIVE),
        ("down", SWITCHED),
        ("up", frame(b"hel", 0x01, mask=MASK)),
        ("up", frame(b"", 0x89, mask=MASK)),
        ("up", frame(b"lo", 0x80, mask=MASK)),
        ("down", frame(b"\xff", 0x82)),
    )
    (entry,) = entries_of(captured)
    messages = entry["_webSocketMessages"]
    assert [(each["type"], each["opcode"], each["data"]) for each in messages] == [
        ("send", 1, "hello"),
        ("receive", 2, "/w=="),
    ]


def test_what_has_no_answer_is_in_it_and_what_identifies_somebody_is_not() -> None:
    request = b"GET /x HTTP/1.1\r\nHost: h\r\nCookie: secret=1\r\nAccept: */*\r\n\r\n"
    (entry,) = entries_of(live(("up", request)))
    assert entry["response"]["status"] == 0
    assert entry["response"]["headersSize"] == UNKNOWN
    assert "secret" not in json.dumps(entry)
    assert {"name": "accept", "value": "*/*"} in entry["request"]["headers"]


def test_what_http_2_carries_is_in_it_as_such() -> None:
    up, down = Sender(OPENED), Sender(SETTINGS)
    up.headers(1, request("POST", "/say", **{"content-type": "text/plain"}))
    up.content(1, b"hi", ends=True)
    down.headers(1, {":status": "200", "content-type": "text/plain"}).content(1, b"ok", ends=True)
    [entry] = entries_of(live(("up", up.data), ("down", down.data)), tls=True)
    assert entry["request"]["httpVersion"] == entry["response"]["httpVersion"] == "HTTP/2"
    assert entry["request"]["url"] == "https://h/say"
    assert entry["request"]["postData"] == {"mimeType": "text/plain", "text": "hi"}
    assert entry["response"]["content"]["text"] == "ok"
    [earlier, *_] = entries_of(captured_by(load("native")))
    assert earlier["request"]["httpVersion"] == "HTTP/1.1"
