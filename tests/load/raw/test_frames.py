"""Frames by their headers: what is skipped is counted exactly, in pieces of any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import Message, Ping, TextMessage

from lab.load.raw import frames
from lab.load.raw.frames import Reader, Skipper, frame

MARK = b'{"type":"message",'


def sent_by_a_server(messages: list[str | bytes]) -> bytes:
    """Texts as text frames, bytes as pings, by a library that follows the RFC."""
    server = Connection(ConnectionType.SERVER)
    events = [Ping(m) if isinstance(m, bytes) else TextMessage(m) for m in messages]
    return b"".join(server.send(event) for event in events)


texts = st.one_of(
    st.builds(lambda rest: MARK.decode() + rest, st.text(max_size=300)),
    st.text(max_size=300),
    st.just(MARK.decode() + "x" * 70_000),
    st.binary(max_size=125),
)


def fed(reader: Skipper | Reader, data: bytes, sizes: list[int]) -> int:
    """Feed it in pieces of these sizes, then what is left; how many deliveries it counted."""
    count = 0
    for size in sizes:
        count += reader.feed(data[:size])
        data = data[size:]
    return count + reader.feed(data)


@given(st.lists(texts, max_size=12), st.lists(st.integers(1, 400), max_size=40))
def test_every_delivery_is_counted_once_in_pieces_of_any_size(
    messages: list[str | bytes], sizes: list[int]
) -> None:
    others: list[tuple[int, bytes]] = []
    skipper = Skipper(MARK, lambda first, payload: others.append((first, payload)))
    count = fed(skipper, sent_by_a_server(messages), sizes)

    marked = [m for m in messages if isinstance(m, str) and m.startswith(MARK.decode())]
    assert count == len(marked)
    assert skipper.last == (marked[-1].encode() if marked else b"")
    rest = [m for m in messages if m not in marked]
    assert [payload for _, payload in others] == [
        m if isinstance(m, bytes) else m.encode() for m in rest
    ]
    kinds = [frames.PING if isinstance(m, bytes) else frames.TEXT for m in rest]
    assert [first & 0x0F for first, _ in others] == kinds


@given(st.lists(texts, max_size=12), st.lists(st.integers(1, 400), max_size=40))
def test_a_reader_counts_what_a_skipper_counts_and_reads_it_too(
    messages: list[str | bytes], sizes: list[int]
) -> None:
    skipped: list[tuple[int, bytes]] = []
    skipper = Skipper(MARK, lambda first, payload: skipped.append((first, payload)))
    read: list[tuple[int, bytes]] = []
    deliveries: list[bytes] = []
    reader = Reader(MARK, deliveries.append, lambda first, payload: read.append((first, payload)))
    data = sent_by_a_server(messages)
    assert fed(reader, data, sizes) == fed(skipper, data, sizes) == len(deliveries)
    assert (reader.last, read) == (skipper.last, skipped)
    marked = [m for m in messages if isinstance(m, str) and m.startswith(MARK.decode())]
    assert [payload.decode() for payload in deliveries] == marked


def test_a_mark_across_two_frames_is_none() -> None:
    skipper = Skipper(MARK, lambda *_: None)
    halves = [MARK[:5].decode(), MARK[5:].decode()]
    assert skipper.feed(sent_by_a_server(list(halves))) == 0


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_what_a_client_sends_is_read_by_a_library(size: int) -> None:
    server = Connection(ConnectionType.SERVER)
    server.receive_data(frame(b"x" * size))
    received = [event for event in server.events() if isinstance(event, Message)]
    assert "".join(event.data for event in received) == "x" * size
    assert received[-1].message_finished
