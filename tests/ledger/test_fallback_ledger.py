"""What the fallbacks cost, on small conversations whose every byte and need is known."""

from __future__ import annotations

import pytest

from lab.decode.decode import decode
from lab.decode.tree import Trace
from lab.ledger.ledger import Entry, ledger
from lab.ledger.show import annotate, sequence_svg
from tests.decode.test_decode import NATIVE, SWITCHED, Happened, Piece, answer, frame
from tests.decode.test_decode import say as masked
from tests.decode.test_fallbacks import (
    ASKED,
    BEGINNINGS,
    FILE,
    HANDSHAKE,
    OPENED,
    SAID,
    SAY,
    STREAMS,
    form,
    get,
    payload,
    post,
    script,
    written,
)
from tests.ledger.test_ledger import assert_adds_up, only, steps
from tests.ledger.test_purposes import words

JOIN = b'4:::{"type":"join","id":1}'
JOINED = b'4:::{"type":"joined","id":1}'
EVENT = b'4:::{"type":"message","text":"x"}'
DATA = len(b"4:::")
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def polling(*more: tuple[int, str, bytes]) -> Trace:
    return steps(
        (1, "up", HANDSHAKE),
        (1, "down", answer(OPENED)),
        (1, "up", get("xhr-polling")),
        (1, "down", answer(b"1::")),
        (1, "up", get("xhr-polling")),
        (2, "up", post(JOIN)),
        (2, "down", answer(b"1")),
        (1, "down", answer(JOINED)),
        *more,
    )


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def streaming(transport: str, *more: tuple[int, str, bytes]) -> Trace:
    beginning = BEGINNINGS[transport]
    return steps(
        (1, "up", HANDSHAKE),
        (1, "down", answer(OPENED)),
        (1, "up", get(transport)),
        (1, "down", HEAD + (chunk(beginning) if beginning else b"")),
        (1, "down", chunk(written(transport, b"1::"))),
        (2, "up", post(JOIN, transport)),
        (2, "down", answer(b"1")),
        (1, "down", chunk(written(transport, JOINED))),
        *more,
    )


def entry(trace: Trace) -> Entry:
    assert_adds_up(trace)
    return only(ledger(trace, 25))


def test_a_poll_says_when_a_command_can_be_sent() -> None:
    found = entry(polling())
    assert found.connect is not None
    assert words(found.connect) == ("TCP", "open", "1::")
    assert words(found.joined) == ("TCP", "open", "1::", "TCP", "join")
    assert (found.connect.tcp_connections, found.tcp_connections) == (1, 2)
    assert (found.connect.http_requests, found.http_requests) == (2, 4)
    assert found.connect.cost.up.total == len(HANDSHAKE + get("xhr-polling"))
    assert found.connect.cost.down.total == len(answer(OPENED) + answer(b"1::"))


@pytest.mark.parametrize("transport", STREAMS)
def test_a_stream_says_so_in_the_midst_of_its_response(transport: str) -> None:
    found = entry(streaming(transport))
    assert found.connect is not None
    assert found.joined is not None
    assert words(found.connect) == ("TCP", "open", "1::")
    assert words(found.joined) == ("TCP", "open", "1::", "TCP", "join")
    assert found.connect.cost.up.total == len(HANDSHAKE + get(transport))
    first = BEGINNINGS[transport] and chunk(BEGINNINGS[transport])
    until = answer(OPENED) + HEAD + first + chunk(written(transport, b"1::"))
    # The line end after a chunk counts as part of what follows it.
    assert found.connect.cost.down.total == len(until) - len(b"\r\n")
    after = chunk(written(transport, JOINED)) + answer(b"1")
    assert found.joined.cost.down.total == len(until + after)


def test_a_connection_kept_alive_takes_no_round_trip_for_tcp() -> None:
    opened = [Happened(1, "opened", 1), Happened(2, "opened", 2)]
    sent = [
        ("up", HANDSHAKE),
        ("down", answer(OPENED)),
        ("up", get("sse")),
        ("down", HEAD + chunk(written("sse", b"1::"))),
    ]
    pieces = [Piece(1, "up" if d == "up" else "down", n, b) for n, (d, b) in enumerate(sent, 10)]
    pieces += [Piece(2, "up", 20, post(JOIN)), Piece(2, "down", 21, answer(b"1"))]
    pieces += [Piece(1, "down", 22, chunk(written("sse", JOINED)))]
    found = entry(decode(pieces, opened))
    assert words(found.joined) == ("TCP", "open", "1::", "join")


def test_a_batch_shares_its_poll() -> None:
    trace = polling(
        (2, "up", post(SAY)),
        (1, "up", get("xhr-polling")),
        (2, "down", answer(b"1")),
        (1, "down", answer(payload(SAID, EVENT, EVENT))),
    )
    found = entry(trace)
    assert found.batching is not None
    assert (found.batching.ratio, found.batching.carrier) == (2, "HTTP response")
    assert found.delivery is not None
    assert found.delivery.up.http == pytest.approx(len(get("xhr-polling")) / 3)
    assert found.delivery.down.payload == len(EVENT) - DATA
    lengths = len(payload(SAID, EVENT, EVENT)) - len(SAID + EVENT + EVENT)
    assert found.delivery.down.framing == pytest.approx(DATA + lengths / 3)


@pytest.mark.parametrize("transport", STREAMS)
def test_a_delivery_on_a_stream_takes_no_request(transport: str) -> None:
    trace = streaming(
        transport,
        (2, "up", post(SAY, transport)),
        (2, "down", answer(b"1")),
        (1, "down", chunk(written(transport, SAID))),
        (1, "down", chunk(written(transport, EVENT))),
    )
    found = entry(trace)
    assert found.batching is not None
    assert (found.batching.ratio, found.batching.carrier) == (1, "write of a stream")
    assert found.delivery is not None
    assert found.delivery.up.total == 0
    assert found.delivery.down.http == 0
    assert found.delivery.down.payload == len(EVENT) - DATA
    assert found.delivery.down.total == len(chunk(written(transport, EVENT)))
    assert found.message is not None
    assert found.message.up.total == len(post(SAY, transport))


def test_escapes_are_charged_as_framing() -> None:
    trace = steps(
        (1, "up", post(form(SAY), "jsonp-polling")),
        (2, "up", get("jsonp-polling")),
        (1, "down", answer(b"1")),
        (2, "down", answer(script(SAID))),
    )
    found = entry(trace)
    assert found.message is not None
    assert found.message.up.payload == len(SAY) - DATA
    assert found.message.up.framing == len(form(SAY)) - (len(SAY) - DATA)
    assert found.message.down.payload == len(SAID) - DATA


def test_a_poll_that_ends_in_nothing_is_a_heartbeat() -> None:
    found = entry(polling((1, "up", get("xhr-polling")), (1, "down", answer(b"8::"))))
    assert found.heartbeat is not None
    assert found.heartbeat.beats == 1
    assert found.heartbeat.per_beat.up.total == len(get("xhr-polling"))
    assert found.heartbeat.per_beat.down.total == len(answer(b"8::"))


@pytest.mark.parametrize("transport", STREAMS)
def test_a_heartbeat_on_a_stream_is_answered_by_a_request(transport: str) -> None:
    beat = chunk(written(transport, b"2::"))
    trace = streaming(
        transport,
        (1, "down", beat),
        (2, "up", post(b"2::", transport)),
        (2, "down", answer(b"1")),
    )
    found = entry(trace)
    assert found.heartbeat is not None
    assert found.heartbeat.beats == 1
    assert found.heartbeat.per_beat.up.total == len(post(b"2::", transport))
    assert found.heartbeat.per_beat.down.total == len(beat + answer(b"1"))
    assert found.heartbeat.per_minute is not None
    assert found.heartbeat.per_minute.down.total == pytest.approx(len(beat + answer(b"1")) * 2.4)


def flash(*more: tuple[int, str, bytes]) -> Trace:
    return steps(
        (1, "up", ASKED),
        (1, "down", FILE),
        (2, "up", NATIVE),
        (2, "down", SWITCHED),
        (2, "up", masked(JOIN[DATA:])),
        (2, "down", frame(JOINED[DATA:])),
        *more,
    )


def test_a_policy_takes_a_connection_and_two_round_trips() -> None:
    found = entry(flash())
    assert found.connect is not None
    assert words(found.connect) == ("TCP", "policy", "TCP", "101")
    assert words(found.joined) == ("TCP", "policy", "TCP", "101", "join")
    assert (found.connect.tcp_connections, found.connect.http_requests) == (2, 1)
    assert found.connect.cost.up.framing == len(ASKED)
    assert found.connect.cost.down.framing == len(FILE)
    assert found.connect.cost.up.total == len(ASKED + NATIVE)


def test_each_policy_belongs_to_the_next_connection_that_has_none() -> None:
    trace = steps(
        (1, "up", ASKED),
        (2, "up", ASKED),
        (1, "down", FILE),
        (2, "down", FILE),
        (3, "up", NATIVE),
        (4, "up", NATIVE),
        (3, "down", SWITCHED),
        (4, "down", SWITCHED),
        (5, "up", NATIVE),
        (5, "down", SWITCHED),
    )
    assert_adds_up(trace)
    found = {entry.name: entry.tcp_connections for entry in ledger(trace).entries}
    assert found == {f"websocket, connection {n}": count for n, count in ((3, 2), (4, 2), (5, 1))}


def test_a_policy_that_nothing_follows_is_a_visit_by_itself() -> None:
    for more in ((), ((2, "up", b""),)):
        (found, *others) = ledger(steps((1, "up", ASKED), (1, "down", FILE), *more)).entries
        assert (found.name, found.connect) == ("connection 1", None)
        assert len(others) == len(more)


def test_escapes_are_shown_in_the_text_that_they_stand_in() -> None:
    trace = steps((1, "up", get("jsonp-polling")), (1, "down", answer(script(SAID))))
    shown = list(annotate(trace, 0))
    (line,) = [line for line in shown if "said #7 (payload)" in line]
    escapes = script(SAID).count(b"\\")
    assert line.endswith(f"said #7 (payload), {escapes} B of it escapes")
    assert any(line.endswith("envelope framing") for line in shown)


def test_diagrams_name_each_write_by_what_it_says() -> None:
    svg = sequence_svg(streaming("htmlfile"))
    assert "“joined #1”" in svg
    assert "round trip 3: 1::" in svg
    assert "request for a policy file" in sequence_svg(flash())
