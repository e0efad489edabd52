"""A response that stays open is read write by write, however its bytes are cut, and forgotten."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.decode.live import PENDING_BYTES_MAX, FoundNode, LiveDecoder
from lab.decode.tree import ChatEvent, Direction, Frame, HttpResponse, Node, StreamPart, Undecodable
from tests.decode.live.test_live import assert_agrees, cuts, order, pieces_of
from tests.decode.test_decode import DEFLATED, NATIVE, Happened, Piece, chunked, frame
from tests.transports.fallbacks import HOSTILE, STREAMING, TEXTS, said

OPEN = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"


def get(name: str) -> bytes:
    return b"GET /socket.io/1/%s/5e55 HTTP/1.1\r\nHost: h\r\n\r\n" % name.encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def written(name: str, texts: list[str]) -> list[bytes]:
    transport = STREAMING[name]
    return [transport.prelude, *(transport.encode((said(text),), {}) for text in texts)]


def events(found: list[FoundNode]) -> int:
    return sum(isinstance(node, ChatEvent) for each in found for node in all_in(each.node))


def all_in(node: Node) -> list[Node]:
    return [node, *(inner for child in node.children for inner in all_in(child))]


@pytest.mark.parametrize("name", STREAMING)
@given(texts=TEXTS, cuts=cuts, order=order, ended=st.booleans(), one_chunk=st.booleans())
@settings(max_examples=40)
def test_what_a_stream_carries_is_found_wherever_it_is_cut(
    name: str, texts: list[str], cuts: list[int], order: list[bool], ended: bool, one_chunk: bool
) -> None:
    writes = [write for write in written(name, texts) if write]
    body = [b"".join(writes)] if one_chunk and writes else writes
    down = OPEN + b"".join(map(chunk, body)) + (b"0\r\n\r\n" if ended else b"")
    trace = assert_agrees(pieces_of(get(name), down, cuts, order))
    found = [node for c in trace.connections for node in c.down for node in all_in(node)]
    assert sum(isinstance(node, ChatEvent) for node in found) == len(texts)


@pytest.mark.parametrize("name", STREAMING)
@given(
    parts=st.lists(
        st.sampled_from(
            [
                b"data:8::\n\n",
                b": x\n",
                b"\n",
                b"\r\n",
                b"--socketio\n",
                b"Content-Type: text/plain\n\n8::\n--socketio\n",
                b'<script>_("8::");</script>',
                b"</script>",
                b"<script>_(",
                b" ",
                b"x",
            ]
        ),
        max_size=8,
    ),
    cuts=cuts,
    order=order,
)
@settings(max_examples=60)
def test_what_breaks_a_stream_is_found_as_by_the_whole(
    name: str, parts: list[bytes], cuts: list[int], order: list[bool]
) -> None:
    assert_agrees(pieces_of(get(name), chunked(*(part for part in parts if part)), cuts, order))


@pytest.mark.parametrize("name", STREAMING)
def test_a_write_is_found_as_soon_as_it_is_whole(name: str) -> None:
    decoder = LiveDecoder()
    assert len(decoder.feed(Piece(1, "up", 1, get(name)))) == 1
    prelude, *writes = written(name, list(HOSTILE))
    decoder.feed(Piece(1, "down", 2, OPEN + (chunk(prelude) if prelude else b"")))
    for number, write in enumerate(writes):
        data = chunk(write)
        assert events(decoder.feed(Piece(1, "down", 3, data[:-3]))) == 0
        found = decoder.feed(Piece(1, "down", 4, data[-3:]))
        assert events(found) == 1
        kinds = [type(each.node) for each in found]
        assert kinds == ([HttpResponse] if number == 0 else []) + [StreamPart]


# What is held.


def held(direction: Direction, data: bytes, times: int, decoder: LiveDecoder) -> int:
    """How many bytes more are held after these came so many times."""
    tracemalloc.start()
    try:
        for _ in range(10):
            decoder.feed(Piece(1, direction, 1, data))
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(times):
            decoder.feed(Piece(1, direction, 1, data))
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", STREAMING)
def test_a_stream_that_goes_on_and_on_is_not_kept(name: str) -> None:
    decoder = LiveDecoder()
    decoder.feed(Piece(1, "up", 1, get(name)))
    prelude, write = written(name, ["x" * 1000])
    decoder.feed(Piece(1, "down", 1, OPEN + (chunk(prelude) if prelude else b"")))
    assert held("down", chunk(write), 500, decoder) < 50_000


@pytest.mark.parametrize("switched", [DEFLATED, b""])
def test_a_websocket_that_goes_on_and_on_is_not_kept(switched: bytes) -> None:
    decoder = LiveDecoder()
    decoder.feed(Piece(1, "up", 1, NATIVE))
    decoder.feed(Piece(1, "down", 1, switched or DEFLATED.replace(b"permessage-deflate", b"x")))
    assert held("down", frame(b'{"type":"message"}' + b" " * 1000), 500, decoder) < 50_000


def test_requests_one_after_the_other_are_not_kept() -> None:
    decoder = LiveDecoder()
    tracemalloc.start()
    try:
        sizes = []
        for _ in range(300):
            decoder.feed(Piece(1, "up", 1, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
            decoder.feed(Piece(1, "down", 1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
            gc.collect(0)
            sizes.append(tracemalloc.get_traced_memory()[0])
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
        assert sizes[-1] - sizes[20] < 50_000
    finally:
        tracemalloc.stop()


def test_closed_connections_are_forgotten() -> None:
    decoder = LiveDecoder()
    tracemalloc.start()
    try:
        sizes = []
        for number in range(300):
            decoder.feed(Piece(number, "up", 1, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
            decoder.happened(Happened(number, "closed", 2))
            gc.collect(0)
            sizes.append(tracemalloc.get_traced_memory()[0])
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
        assert sizes[-1] - sizes[20] < 50_000
    finally:
        tracemalloc.stop()


def test_what_has_no_end_is_given_up_and_still_accounted_for() -> None:
    decoder, found, fed = LiveDecoder(), list[FoundNode](), 0
    decoder.feed(Piece(1, "up", 1, NATIVE))
    decoder.feed(Piece(1, "down", 1, DEFLATED))
    head = b"\x82\x7f" + (1 << 40).to_bytes(8, "big")
    for data in [head, *[b"x" * (1 << 20)] * 20, frame(b"lost with it")]:
        found += decoder.feed(Piece(1, "down", 1, data))
        fed += len(data)
    assert all(isinstance(each.node, Undecodable) for each in found)
    assert sum(each.node.end - each.node.start for each in found) == fed
    assert fed > PENDING_BYTES_MAX
    # The other direction is read on.
    (up,) = decoder.feed(Piece(1, "up", 1, frame(b"{}", mask=b"mask")))
    assert isinstance(up.node, Frame)


def test_an_empty_line_in_a_chunk_of_its_own_is_where_the_chunk_is() -> None:
    chunks = chunked(b'{"type":"message"}\n', b"\n", b"[2]\n")
    assert_agrees(pieces_of(get("http-stream"), chunks, [*range(0, len(chunks), 7)], []))
