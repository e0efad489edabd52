"""Nothing is lost on the way to the eye: the hexdump reads back, the diagram has every step."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.etree import ElementTree

import pytest
from hypothesis import given

from lab.decode.decode import decode
from lab.decode.tree import Trace
from lab.ledger.conversations import conversations
from lab.ledger.purposes import purposes
from lab.ledger.round_trips import count_round_trips
from lab.ledger.show import annotate, sequence_svg
from tests.decode.capture import TRANSPORTS, load
from tests.decode.test_decode import (
    NATIVE,
    SOCKET_IO,
    SWITCHED,
    Happened,
    _down,
    _up,
    frame,
    say,
    tap,
)

SVG = "{http://www.w3.org/2000/svg}"


def trace_of(transport: str) -> Trace:
    capture = load(transport)
    return decode(capture.chunks, capture.events)


def read_back(trace: Trace) -> dict[tuple[int, str], bytearray]:
    """The streams, put together from the hexdump's lines at their offsets."""
    found: dict[tuple[int, str], bytearray] = defaultdict(bytearray)
    stream = found[0, ""]
    for line in annotate(trace, lines_each=0):
        if head := re.match(r" *[\d.]+ ms  #(\d+) ([→←])  ", line):
            stream = found[int(head[1]), "up" if head[2] == "→" else "down"]
        elif dump := re.match(r"  ([0-9a-f]{8})  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: |$)", line):
            data = bytes.fromhex(dump[2])
            at = int(dump[1], 16)
            stream.extend(bytes(max(0, at + len(data) - len(stream))))
            stream[at : at + len(data)] = data
    return found


def assert_reads_back(trace: Trace) -> None:
    found = read_back(trace)
    for connection in trace.connections:
        assert found[connection.connection, "up"] == connection.up_bytes
        assert found[connection.connection, "down"] == connection.down_bytes


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_byte_of_a_conversation_is_shown(transport: str) -> None:
    assert_reads_back(trace_of(transport))


@given(_up, _down)
def test_every_byte_of_anything_is_shown_and_drawn(up: bytes, down: bytes) -> None:
    trace = tap(up, down)
    assert_reads_back(trace)
    ElementTree.fromstring(sequence_svg(trace))


def test_masks_are_off_in_the_text_and_on_in_the_bytes() -> None:
    payload = b'{"type":"say"}'
    lines = list(annotate(tap(NATIVE + say(payload), SWITCHED)))
    (line,) = [line for line in lines if "say (payload)" in line]
    assert payload.decode() in line
    assert say(payload)[6:].hex(" ") in line


def test_what_is_long_is_cut_and_says_so() -> None:
    lines = list(annotate(tap(NATIVE, SWITCHED + frame(b"x" * 100)), lines_each=2))
    assert "            … 68 bytes more" in lines
    assert sum("78 78" in line for line in lines) == 2


def test_meaning_stands_beside_the_bytes() -> None:
    down = frame(b'42["message",{}]') + b"\x81"
    lines = "\n".join(annotate(tap(SOCKET_IO, SWITCHED + down)))
    for words in (
        "HTTP head",
        "WebSocket framing",
        "Engine.IO message (framing)",
        "Socket.IO event (framing)",
        "message (payload)",
        "incomplete: the tap ended inside a frame header",
    ):
        assert words in lines


def test_compressed_content_is_told_though_it_has_no_bytes() -> None:
    lines = "\n".join(annotate(trace_of("native-deflate")))
    assert "said #1 (compressed)" in lines


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_diagram_has_every_step_and_its_round_trips(transport: str) -> None:
    trace = trace_of(transport)
    (conversation,) = conversations(trace)
    counted = count_round_trips(conversation)
    svg = sequence_svg(trace)
    assert svg.count('head"') == len(counted.steps)
    assert counted.ready is not None
    assert counted.joined is not None
    labels = texts(svg)
    assert f"can send: {counted.ready.depth} RTT" in labels
    assert f"joined: {counted.joined.depth} RTT" in labels
    trips = [label for label in labels if label.startswith("round trip")]
    words = enumerate(purposes(counted.joined), 1)
    assert trips == [f"round trip {number}: {word}" for number, word in words]
    assert len(trips) == counted.joined.depth


def test_the_diagram_escapes_and_shortens() -> None:
    event = b'{"type":"<b>&' + b"x" * 200 + b'"}'
    labels = texts(sequence_svg(tap(NATIVE, SWITCHED + frame(event))))
    (label,) = [label for label in labels if "<b>&" in label]
    assert label.endswith("…")


def test_a_long_conversation_is_cut_and_says_so() -> None:
    labels = texts(sequence_svg(tap(NATIVE, SWITCHED + frame(b"x") * 100)))
    assert "… 24 more" in labels


def test_what_cannot_be_decoded_is_drawn() -> None:
    labels = texts(sequence_svg(tap(b"\x16\x03", b"")))
    assert "undecodable: this is not HTTP/1" in labels
    assert "2 B undecodable" in labels


def test_an_empty_trace_is_an_empty_picture() -> None:
    assert texts(sequence_svg(decode([]))) == []
    assert list(annotate(decode([]))) == []
    labels = texts(sequence_svg(decode([], [Happened(1, "opened", 1)])))
    assert "TCP SYN" in labels
