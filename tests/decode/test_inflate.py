"""All of what came compressed is read, or the reason is given; nothing is cut off."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.decode.inflate import STREAMS_MAX, TAIL, Deflate, inflate_body
from lab.decode.tree import ChatEvent, Text, Undecodable
from tests.decode.test_decode import (
    DEFLATED,
    GET,
    NO_CONTEXT,
    POLL,
    all_of,
    answer,
    assert_accounted,
    frame,
    talk,
    tap,
)

TEXT = b'{"type":"message","text":"hello"}'
HELLO_FINAL = bytes.fromhex("f348cdc9c9070000")
"""RFC 7692 section 7.2.3.4: "Hello" in a final block, and an empty block without its end."""
TWO_BLOCKS = bytes.fromhex("f248050000 00ffff cac9c90700".replace(" ", ""))
"""RFC 7692 section 7.2.3.5: "He" and "llo" in a block each."""


def final(text: bytes) -> bytes:
    """Raw deflate that ends with a final block."""
    press = zlib.compressobj(wbits=-15)
    return press.compress(text) + press.flush()


def flushed(text: bytes) -> bytes:
    """A message as most senders compress it (RFC 7692 section 7.2.1)."""
    press = zlib.compressobj(wbits=-15)
    return (press.compress(text) + press.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (flushed(b"Hello"), b"Hello"),
        (bytes.fromhex("f248cdc9c90700"), b"Hello"),
        (bytes.fromhex("000500faff48656c6c6f00"), b"Hello"),
        (HELLO_FINAL, b"Hello"),
        (HELLO_FINAL[:-1], b"Hello"),
        (TWO_BLOCKS, b"Hello"),
        (final(b"He") + flushed(b"llo"), b"Hello"),
        (final(b"He") + final(b"llo") + b"\0", b"Hello"),
        (final(b"He") + final(b"") + final(b"llo"), b"Hello"),
        (b"\0", b""),
    ],
    ids=[
        "flushed",
        "fixed codes",
        "stored",
        "final block",
        "final block without the empty one",
        "two blocks",
        "after a final block",
        "two final blocks",
        "an empty final block",
        "nothing",
    ],
)
@pytest.mark.parametrize("keep", [True, False], ids=["takeover", "no takeover"])
def test_every_block_of_a_message_is_read(message: bytes, text: bytes, keep: bool) -> None:
    deflate = Deflate(keep)
    assert deflate.message(message) == text
    assert deflate.message(flushed(b"next")) == b"next"


def test_a_message_may_refer_to_what_stands_before_a_final_block() -> None:
    press = zlib.compressobj(wbits=-15, zdict=TEXT)
    second = (press.compress(TEXT) + press.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)
    assert len(second) < len(flushed(TEXT)), "it refers to the first"
    deflate = Deflate(keep_context=True)
    assert deflate.message(final(TEXT) + b"\0") == TEXT
    assert deflate.message(second) == TEXT
    together = Deflate(keep_context=False)
    assert together.message(final(TEXT) + second) == 2 * TEXT


@pytest.mark.parametrize("message", [b"", b"\xff", flushed(TEXT)[:-3], final(b"x") + b"\xff"])
@pytest.mark.parametrize("keep", [True, False], ids=["takeover", "no takeover"])
def test_a_message_that_is_cut_or_damaged_is_refused(message: bytes, keep: bool) -> None:
    deflate = Deflate(keep)
    with pytest.raises(ValueError, match="compressed"):
        deflate.message(message)
    if keep:
        with pytest.raises(ValueError, match="window was lost"):
            deflate.message(flushed(b"next"))
    else:
        assert deflate.message(flushed(b"next")) == b"next"


def test_endless_streams_and_endless_text_are_refused() -> None:
    with pytest.raises(ValueError, match=f"more than {STREAMS_MAX} streams"):
        Deflate(False).message(final(b"") * (STREAMS_MAX + 2))
    with pytest.raises(ValueError, match="grows beyond"):
        Deflate(False).message(final(bytes(40 << 20)) * 2)


@pytest.mark.parametrize("switch", [DEFLATED, NO_CONTEXT], ids=["takeover", "no takeover"])
def test_a_frame_with_several_final_blocks_is_read_to_its_end(switch: bytes) -> None:
    message = final(TEXT[:9]) + final(TEXT[9:]) + b"\0"
    trace = talk(b"", frame(message, 0xC1) + frame(flushed(TEXT), 0xC1), switch=switch)
    assert [event.name for event in all_of(trace, ChatEvent)] == ["message", "message"]


def test_every_member_of_a_gzip_body_is_read() -> None:
    body = gzip.compress(b"42[") + gzip.compress(b'"message",{}]')
    trace = tap(POLL, answer(body, b"Content-Encoding: gzip\r\n"))
    assert [event.name for event in all_of(trace, ChatEvent)] == ["message"]
    assert_accounted(trace)


def test_codings_come_off_in_the_opposite_order() -> None:
    body = gzip.compress(zlib.compress(b'42["message",{}]'))
    for fields in (
        b"Content-Encoding: deflate, gzip\r\n",
        b"Content-Encoding: deflate\r\nContent-Encoding: identity, , x-GZIP\r\n",
    ):
        trace = tap(POLL, answer(body, fields))
        assert [event.name for event in all_of(trace, ChatEvent)] == ["message"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"x") + b"more", "damaged"),
        (gzip.compress(b"x")[:-1], "ends before its own end"),
        (gzip.compress(b"x" * 99) + gzip.compress(b"x" * 99)[:-9], "ends before its own end"),
    ],
    ids=["followed by something else", "cut", "cut in a later member"],
)
def test_a_body_that_is_not_all_gzip_is_not_read_in_part(body: bytes, reason: str) -> None:
    trace = tap(GET, answer(body, b"Content-Encoding: gzip\r\n"))
    assert reason in all_of(trace, Undecodable)[0].reason
    assert_accounted(trace)


def test_what_came_of_an_unfinished_body_is_read() -> None:
    whole = answer(gzip.compress(b"hello" * 100), b"Content-Encoding: gzip\r\n")
    trace = tap(GET, whole[:-3])
    assert not all_of(trace, Undecodable)
    assert all_of(trace, Text)


@given(st.lists(st.tuples(st.binary(max_size=300), st.booleans()), max_size=5), st.booleans())
def test_text_in_any_number_of_blocks_comes_back(
    blocks: list[tuple[bytes, bool]], keep: bool
) -> None:
    deflate = Deflate(keep)
    text = b"".join(part for part, _ in blocks)
    pressed = (final(part) if ends else flushed(part) + TAIL for part, ends in blocks)
    message = b"".join(pressed)
    assert deflate.message(message + b"\0") == text
    assert deflate.message(flushed(text)) == text


@given(st.binary(max_size=200), st.booleans())
def test_noise_is_read_or_refused(data: bytes, keep: bool) -> None:
    deflate = Deflate(keep)
    try:
        deflate.message(data)
    except ValueError as error:
        assert "compress" in str(error)
    for coding in ("gzip", "deflate"):
        try:
            inflate_body(data, coding, complete=True)
        except ValueError as error:
            assert "compressed" in str(error)
