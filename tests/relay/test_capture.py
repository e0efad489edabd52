"""A capture as a file: what is written is read, and what is no capture is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.relay.capture import Chunk, ConnectionEvent, from_lines, split, to_line

TIMES = st.integers(0, 2**62)
CHUNKS = st.builds(Chunk, st.integers(1, 9), st.sampled_from(["up", "down"]), TIMES, st.binary())
EVENTS = st.builds(
    ConnectionEvent,
    st.integers(1, 9),
    st.sampled_from(["opened", "fin", "reset", "closed"]),
    TIMES,
    st.sampled_from(["up", "down", None]),
    st.text(),
)


@given(st.lists(CHUNKS | EVENTS))
def test_what_is_written_is_read(captured: list[Chunk | ConnectionEvent]) -> None:
    assert from_lines(b"".join(map(to_line, captured))) == split(captured)


def test_an_unfinished_last_line_is_left_out() -> None:
    whole = Chunk(1, "up", 1, b"\x00\xff")
    assert from_lines(to_line(whole) + to_line(whole)[:-5]) == ([whole], [])


@pytest.mark.parametrize("content", [b"x", b"\xff\x00", b'{"type":"bytes","conn'])
def test_a_file_without_a_whole_line_is_no_capture(content: bytes) -> None:
    with pytest.raises(ValueError, match="no whole line of a capture"):
        from_lines(content)


@pytest.mark.parametrize("line", [b"{}", b"x", b"\xff", b'{"type":"bytes"}', b"", b"[1]"])
def test_a_line_of_something_else_is_named(line: bytes) -> None:
    content = to_line(Chunk(1, "up", 1, b"a")) + line + b"\n"
    with pytest.raises(ValueError, match="line 2 is no part of a capture"):
        from_lines(content)
