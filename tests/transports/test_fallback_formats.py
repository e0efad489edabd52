"""Each fallback's format: what it writes, and that nothing in a text gets in its way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transports.fallbacks import HOSTILE, MOST, POLLING, STREAMING, TEXTS, WIRES, read, said
from transports import _fallback_packets as packets
from transports._fallback_format import Splitter
from transports._fallback_packets import MalformedError

WRITTEN = {
    "xhr-polling": "8::",
    "jsonp-polling": 'io.j[3]("8::");',
    "xhr-multipart": "Content-Type: text/plain\n\n8::\n--socketio\n",
    "htmlfile": '<script>_("8::");</script>',
    "sse": "data:8::\n\n",
}
TWO = {
    "xhr-polling": "\ufffd3\ufffd8::\ufffd5\ufffd4:::1",
    "jsonp-polling": 'io.j[3]("\ufffd3\ufffd8::\ufffd5\ufffd4:::1");',
    "xhr-multipart": "Content-Type: text/plain\n\n\ufffd3\ufffd8::\ufffd5\ufffd4:::1\n--socketio\n",
    "htmlfile": '<script>_("\ufffd3\ufffd8::\ufffd5\ufffd4:::1");</script>',
    "sse": "data:8::\n\ndata:4:::1\n\n",
}
QUERY = {"i": "3"}


@pytest.mark.parametrize("name", WIRES)
def test_one_packet_and_two_are_written(name: str) -> None:
    assert WIRES[name].encode((b"8::",), QUERY).decode() == WRITTEN[name]
    assert WIRES[name].encode((b"8::", b"4:::1"), QUERY).decode() == TWO[name]


def test_the_streams_begin_as_they_did() -> None:
    assert STREAMING["xhr-multipart"].prelude == b"--socketio\n"
    assert STREAMING["sse"].prelude == b""
    page = STREAMING["htmlfile"].prelude
    assert len(page) == 256
    assert page.startswith(
        b"<html><body><script>var _ = function (msg) { parent.s._(msg, document)"
    )


def test_the_page_of_another_origin_gets_a_message_that_no_other_page_can_take() -> None:
    page = STREAMING["htmlfile"].prelude_for("http://127.0.0.1:8000")
    assert page.startswith(
        b"<html><body><script>var _ = function (msg) "
        b'{ parent.postMessage(msg, "http://127.0.0.1:8000"); };</script> '
    )
    assert len(page) == 256
    hostile = STREAMING["htmlfile"].prelude_for('"); </script><script>alert(1)')
    assert hostile.count(b"</script>") == 1
    assert b'"\\"); \\u003c/script' in hostile
    for wire in STREAMING.values():
        assert wire.prelude_for(None) == wire.prelude


@pytest.mark.parametrize("name", POLLING)
@given(texts=TEXTS)
def test_whatever_is_said_comes_out_of_a_poll(name: str, texts: list[str]) -> None:
    wire, sent = POLLING[name], [said(text) for text in texts]
    body = wire.encode(tuple(sent), QUERY)
    assert packets.parse(wire.decode(body)) == [packets.parse(each)[0] for each in sent]
    assert len(body) <= wire.growth * len(packets.payload(tuple(sent))) + 20


@pytest.mark.parametrize("name", STREAMING)
@given(texts=TEXTS, cuts=st.lists(st.integers(0, 10_000), max_size=12), gathered=st.integers(1, 3))
def test_whatever_is_said_comes_out_of_a_stream_cut_anywhere(
    name: str, texts: list[str], cuts: list[int], gathered: int
) -> None:
    wire, sent = STREAMING[name], [said(text) for text in texts]
    writes = [tuple(sent[at : at + gathered]) for at in range(0, len(sent), gathered)]
    stream = wire.prelude + b"".join(wire.encode(write, {}) for write in writes)
    assert read(wire, stream, cuts) == [packets.parse(each)[0] for each in sent]


@pytest.mark.parametrize("name", STREAMING)
def test_a_stream_may_come_byte_by_byte(name: str) -> None:
    wire, sent = STREAMING[name], tuple(map(said, HOSTILE))
    stream = wire.prelude + wire.encode(sent, {})
    found = read(wire, stream, list(range(len(stream))))
    assert found == [packets.parse(each)[0] for each in sent]


@pytest.mark.parametrize("name", WIRES)
@given(texts=TEXTS)
def test_whatever_is_said_goes_up(name: str, texts: list[str]) -> None:
    wire = WIRES[name]
    payload = packets.payload(tuple(said(text) for text in texts))
    body = wire.encode_up(payload)
    assert wire.decode_up(body) == payload
    assert len(body) <= wire.growth * len(payload) + 20


@pytest.mark.parametrize("name", WIRES)
def test_a_handshake_is_read_as_it_was_written(name: str) -> None:
    wire, text = WIRES[name], b"0123456789:45:20:" + name.encode()
    assert wire.answers(wire.handshake_query)
    _, body = wire.encode_handshake(text, wire.handshake_query)
    assert wire.decode_handshake(body) == text
    assert wire.encode_handshake(text, {}) == ("text/plain; charset=UTF-8", text)


@pytest.mark.parametrize(
    "index", ["", "x", "1;alert(1)//", "-1", "1.5", " 1", "1\n", "٣", "9" * 10]
)
def test_a_callback_that_is_no_number_is_not_called(index: str) -> None:
    wire = WIRES["jsonp-polling"]
    assert not wire.answers({"i": index})
    assert not wire.answers({"jsonp": index})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("jsonp-polling", b""),
        ("jsonp-polling", b"8::"),
        ("jsonp-polling", b'io.j[0]("8::")'),
        ("jsonp-polling", b"io.j[0](8);"),
        ("jsonp-polling", b"io.j[0]('8::');"),
        ("jsonp-polling", b'io.j[0]("\\ud800");'),
        ("xhr-multipart", b"8::"),
        ("xhr-multipart", b"Content-Type: text/plain\n8::"),
        ("htmlfile", b"<script>alert(1)"),
        ("htmlfile", b'<script>_("8::")'),
        ("htmlfile", b"<script>_(8);"),
        ("sse", b"event: x"),
        ("sse", b"data:4:::{\ndata:}"),
    ],
)
def test_what_is_not_in_the_format_is_malformed(name: str, body: bytes) -> None:
    wire = POLLING.get(name) or STREAMING[name]
    with pytest.raises(MalformedError):
        wire.decode(body)


@pytest.mark.parametrize(
    "body", [b"", b"8::", b"x=1", b"d=", b"d=8", b"d='8::'", b'd="%ff"', b"\xff", b"&" * 99]
)
def test_a_form_that_is_none_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        WIRES["jsonp-polling"].decode_up(body)


def test_a_part_that_never_ends_is_refused_and_what_ended_before_is_kept() -> None:
    splitter = Splitter(b"\n\n", 10)
    assert splitter.feed(b"one\n\ntwo\n") == [b"one"]
    assert splitter.feed(b"\n") == [b"two"]
    assert splitter.feed(b"x" * 10) == []
    with pytest.raises(MalformedError, match="10 bytes"):
        splitter.feed(b"x")


@given(st.lists(st.binary(max_size=9), max_size=9), st.binary(min_size=1, max_size=4))
def test_a_splitter_cuts_as_one_cut_would(pieces: list[bytes], terminator: bytes) -> None:
    splitter = Splitter(terminator, MOST)
    found = [part for piece in pieces for part in splitter.feed(piece)]
    assert found == b"".join(pieces).split(terminator)[:-1]


def test_a_text_that_says_the_boundary_ends_no_part() -> None:
    wire = STREAMING["xhr-multipart"]
    packet = said("\n--socketio\n--socketio--\r\nContent-Type: text/plain\n\n0::\n--socketio\n")
    assert packet.count(b"--socketio") == 3
    assert b"\n" not in packet
    assert read(wire, wire.prelude + wire.encode((packet,), {}), []) == packets.parse(packet)
