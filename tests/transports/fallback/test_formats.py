"""Each fallback's format: what it writes, and that any text passes unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transports.fallbacks import (
    HOSTILE,
    MOST,
    POLLING,
    STREAMING,
    TEXTS,
    TRANSPORTS,
    read,
    said,
)
from transports._fallback import packets
from transports._fallback.format import Splitter
from transports._fallback.packets import MalformedError

WRITTEN = {
    "xhr-polling": "8::",
    "jsonp-polling": 'io.j[3]("8::");',
    "xhr-multipart": "Content-Type: text/plain\n\n8::\n--socketio\n",
    "htmlfile": '<script>_("8::");</script>',
    "sse": "data:8::\n\n",
    "http-stream": "[8]\n",
}
TWO = {
    "xhr-polling": "\ufffd3\ufffd8::\ufffd5\ufffd4:::1",
    "jsonp-polling": 'io.j[3]("\ufffd3\ufffd8::\ufffd5\ufffd4:::1");',
    "xhr-multipart": "Content-Type: text/plain\n\n\ufffd3\ufffd8::\ufffd5\ufffd4:::1\n--socketio\n",
    "htmlfile": '<script>_("\ufffd3\ufffd8::\ufffd5\ufffd4:::1");</script>',
    "sse": "data:8::\n\ndata:4:::1\n\n",
    "http-stream": "[8]\n[4,1]\n",
}
QUERY = {"i": "3"}


@pytest.mark.parametrize("name", TRANSPORTS)
def test_one_packet_and_two_are_written(name: str) -> None:
    assert TRANSPORTS[name].encode((b"8::",), QUERY).decode() == WRITTEN[name]
    assert TRANSPORTS[name].encode((b"8::", b"4:::1"), QUERY).decode() == TWO[name]


def test_the_preludes_of_the_streams_are_the_original_ones() -> None:
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
    for transport in STREAMING.values():
        assert transport.prelude_for(None) == transport.prelude


@pytest.mark.parametrize("name", POLLING)
@given(texts=TEXTS)
def test_any_text_arrives_through_a_poll(name: str, texts: list[str]) -> None:
    transport, sent = POLLING[name], [said(text) for text in texts]
    body = transport.encode(tuple(sent), QUERY)
    assert packets.parse(transport.decode(body)) == [packets.parse(each)[0] for each in sent]
    assert len(body) <= transport.growth * len(packets.payload(tuple(sent))) + 20


@pytest.mark.parametrize("name", STREAMING)
@given(texts=TEXTS, cuts=st.lists(st.integers(0, 10_000), max_size=12), gathered=st.integers(1, 3))
def test_any_text_arrives_through_a_stream_cut_anywhere(
    name: str, texts: list[str], cuts: list[int], gathered: int
) -> None:
    transport, sent = STREAMING[name], [said(text) for text in texts]
    writes = [tuple(sent[at : at + gathered]) for at in range(0, len(sent), gathered)]
    stream = transport.prelude + b"".join(transport.encode(write, {}) for write in writes)
    assert read(transport, stream, cuts) == [packets.parse(each)[0] for each in sent]


@pytest.mark.parametrize("name", STREAMING)
def test_a_stream_may_come_byte_by_byte(name: str) -> None:
    transport, sent = STREAMING[name], tuple(map(said, HOSTILE))
    stream = transport.prelude + transport.encode(sent, {})
    found = read(transport, stream, list(range(len(stream))))
    assert found == [packets.parse(each)[0] for each in sent]


@pytest.mark.parametrize("name", TRANSPORTS)
@given(texts=TEXTS)
def test_any_text_arrives_through_a_post(name: str, texts: list[str]) -> None:
    transport = TRANSPORTS[name]
    payload = packets.payload(tuple(said(text) for text in texts))
    body = transport.encode_up(payload)
    assert transport.decode_up(body) == payload
    assert len(body) <= transport.growth * len(payload) + 20


@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_handshake_is_read_as_it_was_written(name: str) -> None:
    transport, text = TRANSPORTS[name], b"0123456789:45:20:" + name.encode()
    assert transport.answers(transport.handshake_query)
    _, body = transport.encode_handshake(text, transport.handshake_query)
    assert transport.decode_handshake(body) == text
    assert transport.encode_handshake(text, {}) == ("text/plain; charset=UTF-8", text)


@pytest.mark.parametrize(
    "index", ["", "x", "1;alert(1)//", "-1", "1.5", " 1", "1\n", "٣", "9" * 10]
)
def test_a_callback_that_is_no_number_is_not_called(index: str) -> None:
    transport = TRANSPORTS["jsonp-polling"]
    assert not transport.answers({"i": index})
    assert not transport.answers({"jsonp": index})


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
        ("http-stream", b""),
        ("http-stream", b"2"),
        ("http-stream", b'"2::"'),
        ("http-stream", b"[9]"),
        ("http-stream", b"[2"),
        ("http-stream", b"[2]x"),
        ("sse", b"event: x"),
        ("sse", b"data:4:::{\ndata:}"),
    ],
)
def test_a_body_in_another_format_is_malformed(name: str, body: bytes) -> None:
    transport = POLLING.get(name) or STREAMING[name]
    with pytest.raises(MalformedError):
        transport.decode(body)


@pytest.mark.parametrize(
    "body", [b"", b"8::", b"x=1", b"d=", b"d=8", b"d='8::'", b'd="%ff"', b"\xff", b"&" * 99]
)
def test_an_invalid_form_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        TRANSPORTS["jsonp-polling"].decode_up(body)


def test_an_endless_part_is_refused_and_complete_parts_are_kept() -> None:
    splitter = Splitter(b"\n\n", 10)
    assert splitter.feed(b"one\n\ntwo\n") == [b"one"]
    assert splitter.feed(b"\n") == [b"two"]
    assert splitter.feed(b"x" * 10) == []
    with pytest.raises(MalformedError, match="10 bytes"):
        splitter.feed(b"x")


@given(st.lists(st.binary(max_size=9), max_size=9), st.binary(min_size=1, max_size=4))
def test_a_splitter_gives_the_same_parts_as_one_split(
    pieces: list[bytes], terminator: bytes
) -> None:
    splitter = Splitter(terminator, MOST)
    found = [part for piece in pieces for part in splitter.feed(piece)]
    assert found == b"".join(pieces).split(terminator)[:-1]


def test_a_text_with_the_boundary_ends_no_part() -> None:
    transport = STREAMING["xhr-multipart"]
    packet = said("\n--socketio\n--socketio--\r\nContent-Type: text/plain\n\n0::\n--socketio\n")
    assert packet.count(b"--socketio") == 3
    assert b"\n" not in packet
    assert read(
        transport, transport.prelude + transport.encode((packet,), {}), []
    ) == packets.parse(packet)


SAYS = (b'{"type":"typing"}', b"[2]", b"2", b'"2::"', b'"[2]"', b"null", b"4:::x", b"[4,[0]]", b"")


def test_what_is_said_in_lines_is_never_taken_for_a_packet_of_the_session() -> None:
    transport = STREAMING["http-stream"]
    sent = tuple(map(packets.message, SAYS))
    stream = transport.encode(sent, {})
    assert stream.startswith(b'{"type":"typing"}\n[4,[2]]\n')
    assert stream.count(b"\n") == len(sent)
    assert [packet.data.encode() for packet in read(transport, stream, [])] == [*SAYS]
    body = transport.encode_up(packets.payload(sent))
    assert [packet.data.encode() for packet in packets.parse(transport.decode_up(body))] == [*SAYS]


@pytest.mark.parametrize("body", [b"", b"\n", b"{}", b"[2]\n{}", b"[2]\n\n", b"[2]\r\n", b"\xff\n"])
def test_a_body_that_is_not_whole_lines_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        TRANSPORTS["http-stream"].decode_up(body)
