"""Each record says what it is for in fields: of real conversations, and of what goes wrong."""

from __future__ import annotations

import msgspec
import pytest

from lab.page.protocol import Meaning, Record
from tests.decode.capture import TEXT, load
from tests.decode.test_decode import NATIVE, SWITCHED, frame, post
from tests.page.test_records import CAPTURES, found_in, live, records_of

POLL = b"GET /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: h\r\n\r\n"


def head(line: str, *fields: str) -> bytes:
    """A request or response without a body."""
    return "\r\n".join([line, "Host: h", "Content-Length: 0", *fields, "", ""]).encode()


def said_of(records: list[Record]) -> list[Meaning]:
    return [meaning for record in records for meaning in record.says]


@pytest.mark.parametrize("name", CAPTURES)
def test_every_record_of_a_real_conversation_says_something(name: str) -> None:
    records = records_of(found_in(load(name)))
    assert all(record.says for record in records)
    kinds = {meaning.kind for meaning in said_of(records)}
    assert {"command", "event", "reply"} <= kinds
    assert ("engineio" in kinds) == (not name.startswith("native"))


@pytest.mark.parametrize("name", sorted({*CAPTURES} - {"native-deflate"}))
def test_what_is_said_stands_in_fields(name: str) -> None:
    said = said_of(records_of(found_in(load(name))))
    says = [meaning for meaning in said if (meaning.kind, meaning.name) == ("command", "say")]
    assert says
    assert all(TEXT in str(meaning.values["text"]) for meaning in says)
    assert all(meaning.values["room"] for meaning in says)
    heard = [meaning for meaning in said if (meaning.kind, meaning.name) == ("event", "message")]
    assert heard
    assert all(TEXT in str(meaning.values["text"]) for meaning in heard)
    assert [meaning for meaning in said if (meaning.kind, meaning.name) == ("reply", "joined")]


@pytest.mark.parametrize(
    ("request_bytes", "purpose"),
    [
        (NATIVE, "upgrade"),
        (POLL, "poll"),
        (POLL.replace(b"&sid=x", b""), "open"),
        (head("GET /socket.io/1/?t=1 HTTP/1.1"), "open"),
        (head("GET /socket.io/1/xhr-polling/x?t=1 HTTP/1.1"), "poll"),
        (head("GET /socket.io/1/sse/x HTTP/1.1"), "stream"),
        (head("POST /socket.io/?EIO=4&sid=x HTTP/1.1"), "post"),
        (head("OPTIONS /socket.io/?EIO=4 HTTP/1.1"), "preflight"),
        (head("GET / HTTP/1.1"), "other"),
    ],
    ids=[
        "upgrade",
        "poll",
        "open",
        "early-open",
        "early-poll",
        "stream",
        "post",
        "preflight",
        "other",
    ],
)
def test_a_request_without_packets_says_what_it_is_for(request_bytes: bytes, purpose: str) -> None:
    (record,) = records_of(live(("up", request_bytes)))
    (meaning,) = record.says
    assert (meaning.kind, meaning.name) == ("request", purpose)


@pytest.mark.parametrize(
    ("response", "name"),
    [
        (head("HTTP/1.1 200 OK"), "ok"),
        (head("HTTP/1.1 400 Bad Request"), "error"),
        (SWITCHED, "switched"),
    ],
    ids=["ok", "error", "switched"],
)
def test_a_response_without_packets_says_how_it_went(response: bytes, name: str) -> None:
    request = NATIVE if name == "switched" else head("GET / HTTP/1.1")
    _, record = records_of(live(("up", request), ("down", response)))
    (meaning,) = record.says
    assert (meaning.kind, meaning.name) == ("response", name)
    assert meaning.values["status"] == int(response[9:12])


def test_frames_without_a_packet_say_what_they_are() -> None:
    frames = [
        frame(b"hi", 0x89, mask=b"\1\2\3\4"),
        frame((1001).to_bytes(2) + b"going", 0x88, mask=b"\1\2\3\4"),
        frame(b'{"type":', 0x01, mask=b"\1\2\3\4"),
        frame(b'"typing"}', 0x80, mask=b"\1\2\3\4"),
    ]
    found = records_of(live(("up", NATIVE), ("down", SWITCHED), *(("up", each) for each in frames)))
    assert said_of(found[2:]) == [
        Meaning("frame", "ping", {"n": 2}),
        Meaning("frame", "close", {"code": 1001, "reason": "going"}),
        Meaning("frame", "fragment", {"n": 8}),
        Meaning("command", "typing"),
    ]


def test_of_a_list_it_says_how_long_it_is() -> None:
    joined = frame(b'{"type":"joined","id":1,"room":"r","members":["ann","bob"]}')
    *_, record = records_of(live(("up", NATIVE), ("down", SWITCHED), ("down", joined)))
    assert record.says == [Meaning("reply", "joined", {"room": "r", "n": 2})]


def test_what_can_not_be_read_says_why_and_of_many_the_rest_is_counted() -> None:
    (broken,) = records_of(live(("up", post(b"9?"))))
    (meaning,) = broken.says
    assert meaning.kind == "undecoded"
    assert "begin with a digit" in str(meaning.values["reason"])
    (many,) = records_of(live(("up", post(b"\x1e".join([b"2"] * 23)))))
    assert many.says[-1] == Meaning("more", "more", {"n": 3})
    (probe,) = records_of(live(("up", post(b"2probe"))))
    assert probe.says == [Meaning("engineio", "ping", {"text": "probe"})]
    (lines,) = records_of(live(("up", b"\r\n\r\nG")))
    assert lines.says == [Meaning("bytes", "bytes", {"n": 4})]


def test_a_meaning_has_only_the_fields_that_it_needs() -> None:
    assert msgspec.json.encode(Meaning("frame", "ping")) == b'{"kind":"frame","name":"ping"}'
