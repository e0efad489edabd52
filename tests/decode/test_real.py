"""Real servers and clients of other people are read to the last byte, and to the last message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.decode.decode import decode
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    Direction,
    Frame,
    Incomplete,
    Undecodable,
    walk,
)
from tests.decode.live.test_live import assert_agrees, cuts, order, pieces_of
from tests.decode.real import FOLDER, REAL, TEXTS, file_of, load
from tests.decode.test_decode import Happened, Piece, all_of, assert_accounted

SIZE_MAX = 300 << 10


@pytest.mark.parametrize("name", REAL)
def test_every_byte_and_every_message_of_a_real_conversation_is_read(name: str) -> None:
    capture = load(name)
    trace = decode(capture.chunks, capture.events)
    assert_accounted(trace)
    assert not all_of(trace, Undecodable)
    assert not all_of(trace, Incomplete)
    assert not [frame for frame in all_of(trace, Frame) if frame.violation]
    commands = [command.name for command in all_of(trace, ChatCommand)]
    assert sorted(commands) == ["join", *["say"] * len(TEXTS)]
    replies = [event.name for event in all_of(trace, ChatEvent) if event.reply]
    assert sorted(replies) == ["joined", *["said"] * len(TEXTS)]


@pytest.mark.parametrize("name", REAL)
def test_what_a_capture_is_named_for_is_in_it(name: str) -> None:
    capture = load(name)
    trace = decode(capture.chunks, capture.events)
    frames = all_of(trace, Frame)
    assert any(frame.rsv1 for frame in frames) == ("deflate" in name)
    assert any(not frame.fin for frame in frames) == ("fragments" in name)
    whole = [node for c in trace.connections for node in walk(c.nodes()) if node.whole]
    assert whole or not ("deflate" in name or "gzip" in name)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_real_conversation_is_found_as_it_comes_in_pieces(name: str, size: int) -> None:
    capture = load(name)
    happened: list[Piece | Happened] = []
    for chunk in capture.chunks:
        for at in range(0, len(chunk.data), size):
            data = chunk.data[at : at + size]
            happened.append(Piece(chunk.connection, chunk.direction, chunk.at_ns, data))
    ends = [Happened(e.connection, e.kind, e.at_ns, e.direction) for e in capture.events]
    assert_agrees(sorted([*happened, *ends], key=lambda each: each.at_ns))


@given(name=st.sampled_from(list(REAL)), data=st.data(), cuts=cuts, order=order)
@settings(max_examples=100)
def test_a_real_conversation_that_is_damaged_is_read_alike_whole_and_in_pieces(
    name: str, data: st.DataObject, cuts: list[int], order: list[bool]
) -> None:
    capture = load(name)
    number = data.draw(st.sampled_from(sorted({c.connection for c in capture.chunks})))
    both: dict[Direction, bytes] = {"up": b"", "down": b""}
    for chunk in capture.chunks:
        if chunk.connection == number:
            both[chunk.direction] += chunk.data
    direction = data.draw(st.sampled_from(list(both)))
    damaged = both[direction]
    at = data.draw(st.integers(0, len(damaged)))
    noise = data.draw(st.binary(max_size=40))
    both[direction] = damaged[:at] + noise + damaged[at + data.draw(st.integers(0, 9)) :]
    trace = assert_agrees(pieces_of(both["up"], both["down"], cuts, order))
    assert_accounted(trace)


def test_the_captures_are_those_that_are_made_and_small() -> None:
    assert sorted(FOLDER.iterdir()) == sorted(map(file_of, REAL))
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < SIZE_MAX
