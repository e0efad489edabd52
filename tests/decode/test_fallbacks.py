"""The fallbacks' formats on small bodies whose every byte is known, and on anything else."""

from __future__ import annotations

import gzip
import json
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.decode.decode import decode
from lab.decode.fallbacks import pressed
from lab.decode.fallbacks.packets import after_units
from lab.decode.fallbacks.target import TRANSPORTS, Target, target_of
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    EarlyPacket,
    FlashPolicy,
    HttpResponse,
    Incomplete,
    StreamPart,
    Text,
    Trace,
    Undecodable,
)
from tests.decode.test_decode import (
    GET,
    OK,
    Piece,
    _cut,
    _cuts,
    _noise,
    all_of,
    answer,
    assert_accounted,
    chunked,
    one,
    owned,
    tap,
)
from tests.decode.test_decode import post as posted

STREAMS = ("xhr-multipart", "htmlfile", "sse", "http-stream")
HANDSHAKE = b"GET /socket.io/1/?t=1 HTTP/1.1\r\nHost: h\r\n\r\n"
OPENED = b"s1:60:60:xhr-polling,sse"
SAY = b'4:::{"type":"say","id":7,"text":"x"}'
SAID = b'4:::{"type":"said","id":7}'
MESSAGE = '4:::{"type":"message","text":"é𒀀\u2028"}'.encode()
PRELUDE = b"<html><script>var _ = function (msg) {};</script>".ljust(64)


def get(transport: str, query: bytes = b"t=1") -> bytes:
    return b"GET /socket.io/1/%b/s1?%b HTTP/1.1\r\nHost: h\r\n\r\n" % (transport.encode(), query)


def post(body: bytes, transport: str = "xhr-polling") -> bytes:
    body = line(body) if transport == "http-stream" else body
    return posted(body, b"/socket.io/1/%b/s1" % transport.encode())


def line(packet: bytes) -> bytes:
    """A packet as a line of JSON: an object as it is, another packet as [type] or [type,data]."""
    if packet.startswith(b"4:::{"):
        return packet[4:] + b"\n"
    kind, _, _, *data = packet.split(b":", 3) + [b""] * max(0, 2 - packet.count(b":"))
    return b"[" + b",".join((kind, *data)) + b"]\n"


def payload(*packets: bytes) -> bytes:
    """As the transports write it: a packet alone, or each behind its length in UTF-16 code
    units.
    """
    if len(packets) == 1:
        return packets[0]
    units = [len(packet.decode().encode("utf-16-le")) // 2 for packet in packets]
    return b"".join("\ufffd%d\ufffd".encode() % n + p for n, p in zip(units, packets, strict=True))


def literal(text: bytes) -> bytes:
    """A string literal with everything escaped that a script could mistake."""
    written = json.dumps(text.decode(), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written.encode()


def script(text: bytes) -> bytes:
    return b"io.j[0](" + literal(text) + b");"


def form(text: bytes) -> bytes:
    return b"d=" + quote_plus(literal(text)).encode()


def written(transport: str, text: bytes) -> bytes:
    """One write of a stream."""
    return {
        "xhr-multipart": b"Content-Type: text/plain\n\n" + text + b"\n--socketio\n",
        "htmlfile": b"<script>_(" + literal(text) + b");</script>",
        "sse": b"data:" + text + b"\n\n",
        "http-stream": line(text),
    }[transport]


BEGINNINGS = {
    "xhr-multipart": b"--socketio\n",
    "htmlfile": PRELUDE,
    "sse": b"",
    "http-stream": b"",
}


def names(trace: Trace) -> list[str]:
    return [packet.name for packet in all_of(trace, EarlyPacket)]


# Targets.


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/socket.io/1/", Target("", "")),
        ("/socket.io/1/?t=1&jsonp=0", Target("", "")),
        *((f"/socket.io/1/{name}/abc?t=1", Target(name, "abc")) for name in TRANSPORTS),
        ("/socket.io/1/sse/abc/", Target("sse", "abc")),
        ("/socket.io/1/sse", None),
        ("/socket.io/1/telepathy/abc", None),
        ("/socket.io/?EIO=4", None),
        ("/", None),
        ("//[?EIO=4", None),
    ],
)
def test_targets(target: str, found: Target | None) -> None:
    assert target_of(target) == found


# Packets and payloads.


def test_a_handshake_opens_a_session() -> None:
    for body in (OPENED, script(OPENED)):
        trace = tap(HANDSHAKE, answer(body))
        (opened,) = all_of(trace, EarlyPacket)
        assert opened.name == "open"
        assert opened.data == {
            "sid": "s1",
            "heartbeat_timeout_s": 60,
            "close_timeout_s": 60,
            "transports": ["xhr-polling", "sse"],
        }
        assert owned(trace, "down", "framing") == body
        assert_accounted(trace)


def test_a_command_goes_up_and_is_answered_by_a_poll() -> None:
    trace = tap(post(SAY) + get("xhr-polling"), answer(b"1") + answer(SAID))
    assert_accounted(trace)
    assert [(c.name, c.id) for c in all_of(trace, ChatCommand)] == [("say", 7)]
    assert [(e.name, e.reply, e.id) for e in all_of(trace, ChatEvent)] == [("said", True, 7)]
    assert owned(trace, "up", "payload") == SAY.removeprefix(b"4:::")
    assert owned(trace, "up", "framing") == b"4:::"
    assert owned(trace, "down", "payload") == SAID.removeprefix(b"4:::")
    assert owned(trace, "down", "framing") == b"14:::"
    assert [text.summary for text in all_of(trace, Text)] == ["1"]


def test_packets_without_data_are_framing() -> None:
    body = payload(b"0::", b"1::", b"2::", b"7:::1+0", b"8::", b"2:3+:/chat")
    trace = tap(get("xhr-polling"), answer(body))
    assert names(trace) == ["disconnect", "connect", "heartbeat", "error", "noop", "heartbeat"]
    assert owned(trace, "down", "framing") == body
    assert all_of(trace, EarlyPacket)[3].summary == "Socket.IO error 1+0"
    assert_accounted(trace)


def test_lengths_count_as_javascript_does() -> None:
    body = payload(MESSAGE, SAID, MESSAGE)
    trace = tap(get("xhr-polling"), answer(body))
    assert [event.name for event in all_of(trace, ChatEvent)] == ["message", "said", "message"]
    said = [packet.removeprefix(b"4:::") for packet in (MESSAGE, SAID, MESSAGE)]
    assert owned(trace, "down", "payload") == b"".join(said)
    assert_accounted(trace)


@pytest.mark.parametrize(
    ("text", "units", "end"),
    [
        ("abc", 0, 0),
        ("abc", 3, 3),
        ("abc", 4, None),
        ("aé", 2, 3),
        ("\u2028b", 1, 3),
        ("𒀀b", 2, 4),
        ("𒀀b", 1, None),
        ("a𒀀", 2, None),
        ("a𒀀", 3, 5),
        ("a𒀀", 4, None),
    ],
)
def test_where_so_many_units_end(text: str, units: int, end: int | None) -> None:
    data = text.encode()
    assert after_units(data, 0, len(data), units) == end
    before = "…é".encode()
    moved = None if end is None else end + len(before)
    assert after_units(before + data, len(before), len(before + data), units) == moved


@given(st.binary(max_size=30), st.integers(0, 40))
def test_units_of_no_utf8_end_inside_it_or_nowhere(data: bytes, units: int) -> None:
    end = after_units(data, 0, len(data), units)
    assert end is None or units <= end <= min(len(data), 3 * units)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("\ufffd5\ufffd1::".encode(), "not as long as its length"),
        ("\ufffd3\ufffd1::x".encode(), "not as long as its length"),
        ("\ufffd5\ufffd4:::𒀀".encode(), "not as long as its length"),
        (b"garbage", "a digit from 0 to 8"),
        (b"9::", "a digit from 0 to 8"),
        (b"\xff\xfe", "a digit from 0 to 8"),
    ],
)
def test_bodies_that_break_the_protocol(body: bytes, reason: str) -> None:
    trace = tap(post(body), b"")
    assert reason in all_of(trace, Undecodable)[0].reason
    assert_accounted(trace)


def test_data_that_is_not_the_chats_is_payload_all_the_same() -> None:
    trace = tap(post(b'5:1+::{"name":"say","args":[]}'), b"")
    (event,) = all_of(trace, EarlyPacket)
    assert event.name == "event"
    assert owned(trace, "up", "payload") == b'{"name":"say","args":[]}'


def test_no_handshake_but_its_answer() -> None:
    trace = tap(HANDSHAKE, answer(b"who are you"))
    assert "handshake of Socket.IO" in all_of(trace, Undecodable)[0].reason
    assert_accounted(trace)


def test_a_refusal_says_why_in_a_packet_or_in_words() -> None:
    refused = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%s"
    known = tap(get("sse"), refused % (7, b"7:::1+0"))
    assert names(known) == ["error"]
    assert owned(known, "down", "framing") == b"7:::1+0"
    words = tap(get("sse"), refused % (4, b"gone"))
    assert [text.summary for text in all_of(words, Text)] == ["body, 4 B"]


def test_what_is_unfinished_is_not_looked_into() -> None:
    trace = tap(post(SAY)[:-1], answer(SAID)[:-1])
    assert not all_of(trace, EarlyPacket)
    assert_accounted(trace)


def test_a_compressed_poll_is_read_while_its_extent_stays() -> None:
    body = gzip.compress(payload(MESSAGE, SAID))
    trace = tap(get("xhr-polling"), answer(body, b"Content-Encoding: gzip\r\n"))
    assert [event.name for event in all_of(trace, ChatEvent)] == ["message", "said"]
    assert owned(trace, "down", "payload") == body
    beat = gzip.compress(b"8::")
    idle = tap(get("xhr-polling"), answer(beat, b"Content-Encoding: gzip\r\n"))
    assert owned(idle, "down", "framing") == beat
    scripted = gzip.compress(script(MESSAGE))
    jsonp = tap(get("jsonp-polling"), answer(scripted, b"Content-Encoding: gzip\r\n"))
    assert [event.name for event in all_of(jsonp, ChatEvent)] == ["message"]
    assert_accounted(jsonp)


# JSONP: escapes.

HOSTILE = "\"'\\/\b\f\n\r\t<>&\u2028\u2029é𒀀\x00\x1f\ufffd"


def packet(kind: str, text: str) -> bytes:
    """A packet as the chat writes it: what JSON need not escape stands as it is."""
    return f"4:::{json.dumps({'type': kind, 'text': text}, ensure_ascii=False)}".encode()


texts = st.text(st.characters(codec="utf-8"), max_size=40)


@given(texts, texts)
@example(HOSTILE, HOSTILE[::-1])
def test_escapes_are_framing_and_what_they_stand_for_is_not(one_text: str, other: str) -> None:
    packets = (packet("message", one_text), packet("message", other))
    body = script(payload(*packets))
    trace = tap(get("jsonp-polling", b"t=1&i=0"), answer(body))
    assert_accounted(trace)
    assert [event.name for event in all_of(trace, ChatEvent)] == ["message", "message"]
    said = sum(len(each) - len("4:::") for each in packets)
    assert len(owned(trace, "down", "payload")) == said
    assert len(owned(trace, "down", "framing")) == len(body) - said


@given(texts)
@example(HOSTILE)
def test_a_form_is_escaped_twice(text: str) -> None:
    body = form(packet("say", text))
    trace = tap(post(body, "jsonp-polling"), b"")
    assert_accounted(trace)
    assert [command.name for command in all_of(trace, ChatCommand)] == ["say"]
    said = len(packet("say", text)) - len("4:::")
    assert len(owned(trace, "up", "payload")) == said
    assert len(owned(trace, "up", "framing")) == len(body) - said


def test_every_byte_of_an_escape_has_its_owner() -> None:
    body = b'io.j[3]("4:::[\\"\\u2028\\"]");'
    trace = tap(get("jsonp-polling"), answer(body))
    # Of each escape the last bytes are kept: as many as the character has in UTF-8.
    assert owned(trace, "down", "payload") == b'["028"]'
    assert owned(trace, "down", "framing") == b'io.j[3]("4:::\\\\u2\\");'


@pytest.mark.parametrize("escape", [b"\\x41", b"\\'", b"\\u12", b"\\", b"\\\n"])
def test_escapes_that_json_does_not_know(escape: bytes) -> None:
    trace = tap(get("jsonp-polling"), answer(b'io.j[0]("1::' + escape + b'");'))
    assert all_of(trace, Undecodable)
    assert_accounted(trace)


def test_half_a_surrogate_pair_is_no_text() -> None:
    trace = tap(get("jsonp-polling"), answer(b'io.j[0]("4:::\\"\\ud800\\"");'))
    assert names(trace) == ["json"]
    assert_accounted(trace)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"d=1&e=2", "one field"),
        (b"1::", "one field"),
        (b"d=1::", "JavaScript string"),
        (b"d=%22%5Cx%22", "JavaScript string"),
    ],
)
def test_forms_that_are_none(body: bytes, reason: str) -> None:
    trace = tap(post(body, "jsonp-polling"), b"")
    assert reason in all_of(trace, Undecodable)[0].reason
    assert_accounted(trace)


# Streams.


def stream(transport: str, *writes: bytes) -> bytes:
    beginning = BEGINNINGS[transport]
    return chunked(*([beginning] if beginning else []), *(written(transport, w) for w in writes))


@pytest.mark.parametrize("transport", STREAMS)
def test_a_stream_is_its_head_and_its_writes(transport: str) -> None:
    down = stream(transport, b"1::", MESSAGE, SAID)
    trace = tap(get(transport), down)
    assert_accounted(trace)
    (head,) = all_of(trace, HttpResponse)
    assert (head.children, head.complete) == ((), True)
    kinds = {"xhr-multipart": "part", "htmlfile": "script", "sse": "event", "http-stream": "line"}
    *parts, end = all_of(trace, StreamPart)
    sizes = [len(written(transport, text)) for text in (b"1::", MESSAGE, SAID)]
    assert [part.summary for part in parts] == [f"{kinds[transport]}, {n} B" for n in sizes]
    assert [part.exchange for part in parts] == [0, 0, 0]
    assert (end.summary, end.children) == ("end of the stream", ())
    assert names(trace) == ["connect", "json", "json"]
    said = len(MESSAGE) + len(SAID) - 2 * len("4:::")
    assert len(owned(trace, "down", "payload")) == said
    assert not all_of(trace, Undecodable)


@pytest.mark.parametrize("transport", ["xhr-multipart", "htmlfile"])
def test_a_write_may_carry_several_packets(transport: str) -> None:
    trace = tap(get(transport), stream(transport, payload(SAID, MESSAGE)))
    assert [event.name for event in all_of(trace, ChatEvent)] == ["said", "message"]
    assert_accounted(trace)


@pytest.mark.parametrize("transport", STREAMS)
def test_writes_come_one_after_the_other_while_the_response_lasts(transport: str) -> None:
    down = stream(transport, b"1::", SAID)
    at = down.index(written(transport, SAID))
    pieces = [Piece(1, "up", 1, get(transport)), Piece(1, "down", 2, down[:at])]
    trace = decode([*pieces, Piece(1, "down", 9, down[at:])])
    first, second, _ = all_of(trace, StreamPart)
    assert (first.first_ns, first.last_ns) == (2, 2)
    assert (second.first_ns, second.last_ns) == (9, 9)
    assert all_of(trace, HttpResponse)[0].last_ns == 2


@pytest.mark.parametrize("transport", STREAMS)
@given(cuts=_cuts)
def test_chunks_of_http_change_nothing_but_http(transport: str, cuts: list[int]) -> None:
    writes = [written(transport, text) for text in (b"1::", MESSAGE)]
    body = BEGINNINGS[transport] + b"".join(writes)
    trace = tap(get(transport), chunked(*filter(None, _cut(body, cuts))))
    assert_accounted(trace)
    assert names(trace) == ["connect", "json"]
    assert len(owned(trace, "down", "payload")) == len(MESSAGE) - len("4:::")


@pytest.mark.parametrize("transport", STREAMS)
@pytest.mark.parametrize("closed", [True, False])
def test_a_stream_that_is_cut_says_so(transport: str, closed: bool) -> None:
    down = stream(transport, b"1::", SAID)
    trace = tap(get(transport), down[: down.index(b"said")], closed=closed)
    assert_accounted(trace)
    assert names(trace) == ["connect"]
    unfinished, note = all_of(trace, Incomplete)
    assert unfinished.reason == "the tap ended inside a write"
    assert "said" not in owned(trace, "down", "payload").decode()
    assert note.reason
    assert all_of(trace, HttpResponse)[0].complete is False


@pytest.mark.parametrize("transport", STREAMS)
def test_a_stream_of_something_else_is_undecodable(transport: str) -> None:
    down = chunked(BEGINNINGS[transport] + written(transport, b"1::"), b"<script>_(?", b"junk\n")
    trace = tap(get(transport), down)
    assert names(trace) == ["connect"]
    reason = all_of(trace, Undecodable)[0].reason
    assert "no write of the format" in reason or "a line is an object" in reason
    assert_accounted(trace)


def test_events_that_carry_nothing_are_framing() -> None:
    body = b":hello\n\nretry:1000\n\ndata: 1::\r\n\r\n"
    trace = tap(get("sse"), chunked(body))
    assert names(trace) == ["connect"]
    assert owned(trace, "down", "payload") == b""
    assert_accounted(trace)


def test_a_stream_without_a_write_is_a_head() -> None:
    for transport in STREAMS:
        trace = tap(get(transport), chunked(BEGINNINGS[transport])[:-5])
        assert not names(trace)
        assert_accounted(trace)
        assert_accounted(tap(get(transport), chunked()))


def test_a_compressed_stream_that_is_flushed_only_at_its_end_is_read_then() -> None:
    body = gzip.compress(written("sse", SAID) + written("sse", MESSAGE))
    trace = tap(get("sse"), answer(body, b"Content-Encoding: gzip\r\n"))
    assert len(all_of(trace, StreamPart)) == 1
    assert [event.name for event in all_of(trace, ChatEvent)] == ["said", "message"]
    assert_accounted(trace)


def test_a_compressed_stream_is_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressed, "INFLATED_BYTES_MAX", 20)
    body = gzip.compress(written("sse", SAID) + written("sse", MESSAGE))
    trace = tap(get("sse"), answer(body, b"Content-Encoding: gzip\r\n"))
    (end,) = all_of(trace, StreamPart)
    (unread,) = all_of(trace, Undecodable)
    assert end.summary == "end of the stream"
    assert unread.reason == "compressed data grows beyond 20 bytes"
    assert_accounted(trace)


def test_a_request_after_a_stream_is_an_exchange_of_its_own() -> None:
    trace = tap(get("sse") + GET, stream("sse", b"0::") + OK)
    assert [response.exchange for response in all_of(trace, HttpResponse)] == [0, 1]
    assert_accounted(trace)


# Lines of JSON.


def test_lines_go_up_and_what_breaks_them_is_undecodable() -> None:
    lines = SAY[4:] + b"\n[2]\n[4,[1]]\n"
    target = b"/socket.io/1/http-stream/s1"
    trace = tap(posted(lines, target), b"")
    assert names(trace) == ["json", "heartbeat", "json"]
    assert [command.name for command in all_of(trace, ChatCommand)] == ["say"]
    assert owned(trace, "up", "payload") == SAY[4:] + b"[1]"
    assert owned(trace, "up", "framing").endswith(b"\n[2]\n[4,]\n")
    assert_accounted(trace)
    for body, reason in ((b"2::\n", "a line is an object"), (b"{}", "a line has no end")):
        broken = tap(posted(body, target), b"")
        assert reason in all_of(broken, Undecodable)[0].reason
        assert_accounted(broken)


# Flash's policy.

ASKED = b"<policy-file-request/>\0"
FILE = b'<?xml version="1.0"?><cross-domain-policy></cross-domain-policy>\0'


def test_a_policy_is_asked_for_and_given() -> None:
    trace = tap(ASKED, FILE)
    assert_accounted(trace)
    assert [node.summary for node in one(trace).nodes()] == [
        "request for a policy file",
        f"policy file, {len(FILE)} B",
    ]
    assert (owned(trace, "up", "framing"), owned(trace, "down", "framing")) == (ASKED, FILE)


def test_a_policy_is_all_that_its_connection_carries() -> None:
    trace = tap(ASKED + GET, FILE + OK)
    assert owned(trace, "up", "undecodable") == GET
    assert owned(trace, "down", "undecodable") == OK
    assert_accounted(trace)


def test_a_policy_that_did_not_come() -> None:
    assert len(all_of(tap(ASKED, b""), FlashPolicy)) == 1
    other = tap(ASKED, b"SSH-2.0-OpenSSH\r\n")
    assert owned(other, "down", "undecodable") == b"SSH-2.0-OpenSSH\r\n"
    assert_accounted(other)
    assert not all_of(tap(ASKED[:-1], FILE), FlashPolicy)


# Anything.

_bodies = st.sampled_from([b"1::", SAY, MESSAGE, payload(SAID, MESSAGE), OPENED, b"\\", b'"'])
_requests = st.one_of(
    st.just(HANDSHAKE),
    st.sampled_from([get(transport) for transport in TRANSPORTS]),
    st.builds(post, _bodies | _bodies.map(form) | _noise, st.sampled_from(TRANSPORTS)),
    st.just(ASKED),
    _noise,
)
_responses = st.one_of(
    st.builds(answer, _bodies | _bodies.map(script) | _noise),
    st.builds(stream, st.sampled_from(STREAMS), _bodies, _bodies),
    st.just(FILE),
    _noise,
)


@given(st.lists(_requests, max_size=4), st.lists(_responses, max_size=4), st.booleans())
def test_whatever_came_is_accounted_for(up: list[bytes], down: list[bytes], closed: bool) -> None:
    assert_accounted(tap(b"".join(up), b"".join(down), closed=closed))


@given(st.sampled_from(TRANSPORTS), st.data())
def test_damaged_answers_are_accounted_for(transport: str, data: st.DataObject) -> None:
    down = stream(transport, SAID, MESSAGE) if transport in STREAMS else answer(script(MESSAGE))
    at = data.draw(st.integers(0, len(down)))
    damaged = down[:at] + data.draw(_noise) + down[at + data.draw(st.integers(0, 3)) :]
    assert_accounted(tap(get(transport), damaged))
