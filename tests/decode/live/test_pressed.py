"""A compressed response that stays open is read write by write, however its bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.compression import Compression
from lab.decode.decode import decode
from lab.decode.live import LiveDecoder
from lab.decode.tree import ChatEvent, HttpResponse, StreamPart, Undecodable
from tests.decode.live.test_live import assert_agrees, cuts, order, pieces_of
from tests.decode.live.test_open import all_in, chunk, events, get, written
from tests.decode.test_decode import Piece, all_of, assert_accounted
from tests.transports.fallbacks import HOSTILE, STREAMING, TEXTS
from transports._fallback import compressed

OPEN = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    b"Content-Type: text/plain\r\n\r\n"
)
PRESSES = [Compression("set", 15, 6), Compression("set", 9, 1), Compression("set", 12, 9, False)]


def pressed(name: str, texts: list[str], how: Compression) -> list[bytes]:
    """What a server sends: its prelude, its writes, and the end."""
    send, end = compressed.writes(how)
    return [*(send(write) for write in written(name, texts) if write), end()]


@pytest.mark.parametrize("name", STREAMING)
@given(
    texts=TEXTS,
    cuts=cuts,
    order=order,
    ended=st.booleans(),
    one_chunk=st.booleans(),
    how=st.sampled_from(PRESSES),
)
@settings(max_examples=20)
def test_what_a_compressed_stream_carries_is_found_wherever_it_is_cut(
    name: str,
    texts: list[str],
    cuts: list[int],
    order: list[bool],
    ended: bool,
    one_chunk: bool,
    how: Compression,
) -> None:
    writes = pressed(name, texts, how)
    body = [b"".join(writes)] if one_chunk else writes
    down = OPEN + b"".join(map(chunk, body)) + (b"0\r\n\r\n" if ended else b"")
    trace = assert_agrees(pieces_of(get(name), down, cuts, order))
    found = [node for c in trace.connections for node in c.down for node in all_in(node)]
    assert sum(isinstance(node, ChatEvent) for node in found) == len(texts)
    assert not any(isinstance(node, Undecodable) for node in found)
    assert_accounted(trace)


@pytest.mark.parametrize("name", STREAMING)
@given(at=st.integers(0, 400), bit=st.integers(0, 7), cuts=cuts, order=order)
@settings(max_examples=20)
def test_a_damaged_stream_is_unreadable_from_there_on_and_counted(
    name: str, at: int, bit: int, cuts: list[int], order: list[bool]
) -> None:
    writes = [bytearray(each) for each in pressed(name, ["hello", "there"] * 3, PRESSES[0])]
    victim = writes[at % len(writes)]
    victim[at % len(victim)] ^= 1 << bit
    down = OPEN + b"".join(chunk(bytes(each)) for each in writes) + b"0\r\n\r\n"
    assert_accounted(assert_agrees(pieces_of(get(name), down, cuts, order)))


def test_what_does_not_inflate_is_shown_as_unreadable() -> None:
    for body, reason in (
        (b"this is no gzip", "damaged"),
        (compressed.whole(b"no event\n\n", PRESSES[0]), "no write of the format"),
        (compressed.whole(b"data:8::", PRESSES[0]), "no write of the format"),
    ):
        pieces = [Piece(1, "up", 1, get("sse"))]
        pieces.append(Piece(1, "down", 2, OPEN + chunk(body) + b"0\r\n\r\n"))
        trace = decode(pieces)
        assert reason in all_of(trace, Undecodable)[0].reason
        assert_accounted(trace)


@pytest.mark.parametrize("name", STREAMING)
def test_a_write_is_found_as_soon_as_it_is_whole(name: str) -> None:
    decoder = LiveDecoder()
    decoder.feed(Piece(1, "up", 1, get(name)))
    send, _ = compressed.writes(PRESSES[0])
    prelude, *writes = written(name, list(HOSTILE))
    decoder.feed(Piece(1, "down", 2, OPEN + (chunk(send(prelude)) if prelude else b"")))
    for write in writes:
        data = chunk(send(write))
        assert events(decoder.feed(Piece(1, "down", 3, data[:-3]))) == 0
        found = decoder.feed(Piece(1, "down", 4, data[-3:]))
        assert events(found) == 1
        assert isinstance(found[-1].node, StreamPart)
        assert found[-1].node.text_bytes is not None
        assert {type(each.node) for each in found} <= {HttpResponse, StreamPart}
