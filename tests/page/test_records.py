"""What the page shows of a real conversation: each node, its meaning, and its bytes."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.decode.live import FoundNode, LiveDecoder
from lab.decode.tree import Direction
from lab.page.meaning import MEANINGS_MAX, TEXT_CHARS
from lab.page.protocol import Record
from lab.page.records import Kept, detail_of, record_of
from lab.relay.capture import ConnectionEvent, Kind
from tests.decode.capture import LINES, TEXT, Capture, load
from tests.decode.test_decode import NATIVE, SWITCHED, Piece, post, say

CAPTURES = ["native", "native-deflate", "socketio", "socketio-polling", "socketio-websocket"]


def found_in(capture: Capture) -> list[FoundNode]:
    decoder = LiveDecoder()
    return [found for chunk in capture.chunks for found in decoder.feed(chunk)]


def records_of(found: list[FoundNode], opened_ns: int = 0) -> list[Record]:
    return [record_of(each, number, opened_ns, False) for number, each in enumerate(found)]


@pytest.mark.parametrize("name", sorted(set(CAPTURES) - {"native-deflate"}))
def test_each_message_of_a_real_conversation_is_shown_with_its_meaning(name: str) -> None:
    records = records_of(found_in(load(name)))
    meanings = [line for record in records for line in record.meaning]
    assert sum(TEXT in line for line in meanings) >= LINES
    assert any(" → " in line for line in meanings), "a command or event names its room"


@pytest.mark.parametrize("name", CAPTURES)
def test_the_rows_of_a_record_hold_the_bytes_that_passed(name: str) -> None:
    capture = load(name)
    streams: Counter[tuple[int, str]] = Counter()
    passed: dict[tuple[int, str], bytes] = {}
    for chunk in capture.chunks:
        key = (chunk.connection, chunk.direction)
        passed[key] = passed.get(key, b"") + chunk.data
    for found in found_in(capture):
        key = (found.connection, found.node.direction)
        for row in detail_of(Kept.of(found)).rows:
            data = bytes.fromhex(row.hex)
            assert passed[key][row.offset : row.offset + len(data)] == data
            streams[key] += len(data)
    assert streams == {key: len(data) for key, data in passed.items()}


@pytest.mark.parametrize(
    ("event", "ended", "kind", "title"),
    [
        (("opened", None, ""), False, "opened", "TCP connection opened"),
        (("fin", "up", ""), False, "fin", "FIN: the browser sends nothing more"),
        (("closed", None, ""), True, "closed", "TCP connection closed"),
        (("reset", "down", ""), True, "closed", "TCP connection closed: reset by the server"),
        (("cut", None, "rst"), True, "closed", "TCP connection closed: cut here (RST)"),
        (
            ("refused", None, "no route"),
            True,
            "closed",
            "TCP connection closed: no server (no route)",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_what_happens_to_a_connection_is_shown(
    event: tuple[Kind, None, str], ended: bool, kind: str, title: str
) -> None:
    what, direction, detail = event
    record = record_of(ConnectionEvent(4, what, 3_500_000, direction, detail), 9, 1_000_000, ended)
    assert (record.n, record.connection, record.at_ms) == (9, 4, 2.5)
    assert (record.kind, record.title, record.bytes) == (kind, title, 0)


def test_what_is_compressed_is_shown_without_its_text() -> None:
    meanings = [
        line for record in records_of(found_in(load("native-deflate"))) for line in record.meaning
    ]
    assert meanings
    assert not any(TEXT in line for line in meanings)


def live(*pieces: tuple[Direction, bytes]) -> list[FoundNode]:
    """What is found in these bytes of one connection."""
    decoder = LiveDecoder()
    return [found for way, data in pieces for found in decoder.feed(Piece(1, way, 1, data))]


def test_a_long_text_is_shown_in_part() -> None:
    said = say(b'{"type":"say","id":1,"room":"r","text":"%b"}' % (b"y" * 1000))
    records = records_of(live(("up", NATIVE), ("down", SWITCHED), ("up", said)))
    (line,) = [line for record in records for line in record.meaning if "yyy" in line]
    assert 0 < line.count("y") <= TEXT_CHARS + 1


def test_of_many_packets_the_first_are_shown_and_the_rest_counted() -> None:
    body = b"\x1e".join([b"2"] * (MEANINGS_MAX + 3))
    *_, record = records_of(live(("up", post(body))))
    assert len(record.meaning) == MEANINGS_MAX + 1
    assert record.meaning[-1] == "… and 3 more"
