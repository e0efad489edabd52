"""The formats of a WebTransport session: numbers, messages and capsules, at every cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports._quic import messages, packets, varint
from transports._quic.capsules import (
    MOST_REASON,
    BrokenCapsuleError,
    Capsules,
    Close,
    encode_close,
)
from transports._quic.messages import Message, Messages, TooLongError

# RFC 9000 appendix A.1.
KNOWN = {
    151_288_809_941_952_652: "c2197c5eff14e88c",
    494_878_333: "9d7f3e7d",
    15_293: "7bbd",
    37: "25",
}


@pytest.mark.parametrize(("number", "text"), KNOWN.items(), ids=KNOWN.values())
def test_the_numbers_of_the_rfc(number: int, text: str) -> None:
    assert varint.encode(number).hex() == text
    assert varint.decode(bytes.fromhex(text)) == (number, len(text) // 2)


def test_a_number_may_be_longer_than_it_has_to_be() -> None:
    assert varint.decode(bytes.fromhex("4025")) == (37, 2)


@given(st.integers(0, varint.MOST))
def test_a_number_is_read_as_it_was_written(number: int) -> None:
    data = varint.encode(number)
    assert varint.decode(b"x" + data + b"y", 1) == (number, 1 + len(data))
    assert all(varint.decode(data[:cut]) is None for cut in range(len(data)))


def test_a_number_that_is_too_large_has_no_encoding() -> None:
    with pytest.raises(OverflowError):
        varint.encode(varint.MOST + 1)


@given(st.lists(st.binary(max_size=200)), st.lists(st.integers(1, 50), min_size=1))
def test_messages_are_the_same_at_every_cut(texts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(map(messages.encode, texts))
    reader, found, at, turn = Messages(messages.read_length, 200), list[Message](), 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        found += reader.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    assert [message.data for message in found] == texts
    assert not reader.is_inside


def test_a_message_beyond_the_limit_is_refused_by_its_header() -> None:
    reader = Messages(messages.read_length, 100)
    assert reader.feed(messages.encode(b"x" * 100)) == [Message(b"x" * 100, is_binary=False)]
    with pytest.raises(TooLongError, match="101 bytes; at most 100"):
        reader.feed(varint.encode(101))


def test_a_part_of_a_message_is_inside() -> None:
    reader = Messages(messages.read_length, 100)
    assert reader.feed(b"\x05abc") == []
    assert reader.is_inside


@given(st.lists(st.text(max_size=200) | st.binary(max_size=200)), st.integers(1, 50))
def test_packets_are_the_same_at_every_cut(sent: list[str | bytes], cut: int) -> None:
    data = b"".join(map(packets.encode, sent))
    reader = Messages(packets.read_header, 800)
    pieces = (data[at : at + cut] for at in range(0, len(data), cut))
    assert [packets.decode(found) for piece in pieces for found in reader.feed(piece)] == sent


# Engine.IO protocol 4.1: 1, 3 or 9 bytes, of which the first has the bit for a binary packet.
HEADERS = {
    (0, False): "00",
    (125, False): "7d",
    (126, False): "7e007e",
    (65_535, False): "7effff",
    (65_536, False): "7f0000000000010000",
    (0, True): "80",
    (125, True): "fd",
    (65_535, True): "feffff",
    (65_536, True): "ff0000000000010000",
}


@pytest.mark.parametrize(("length", "is_binary"), HEADERS, ids=HEADERS.values())
def test_the_headers_of_engine_io(length: int, is_binary: bool) -> None:
    header = bytes.fromhex(HEADERS[length, is_binary])
    data = b"x" * length
    assert packets.encode(data if is_binary else data.decode()) == header + data
    assert packets.read_header(b"?" + header, 1) == ((length, is_binary), 1 + len(header))
    assert all(packets.read_header(header[:cut], 0) is None for cut in range(len(header)))


def test_a_packet_of_text_must_be_utf_8() -> None:
    assert packets.decode(Message(b"\xff", is_binary=True)) == b"\xff"
    with pytest.raises(UnicodeDecodeError):
        packets.decode(Message(b"\xff", is_binary=False))


@given(st.integers(0, 2**32 - 1), st.text(max_size=200), st.integers(1, 20))
def test_a_close_is_read_at_every_cut(code: int, reason: str, cut: int) -> None:
    unknown = varint.encode(0x29) + varint.encode(70) + b"?" * 70
    data = unknown + encode_close(Close(code, reason))
    reader = Capsules()
    found = [reader.feed(data[at : at + cut]) for at in range(0, len(data), cut)]
    assert found == [None] * (len(found) - 1) + [Close(code, reason)]


def test_a_long_reason_is_cut() -> None:
    close = Capsules().feed(encode_close(Close(1, "x" * (MOST_REASON + 1))))
    assert close == Close(1, "x" * MOST_REASON)


@pytest.mark.parametrize("length", [0, 3, MOST_REASON + 5])
def test_a_close_of_another_length_is_broken(length: int) -> None:
    with pytest.raises(BrokenCapsuleError):
        Capsules().feed(varint.encode(0x2843) + varint.encode(length))


def test_a_close_says_its_code_and_reason() -> None:
    assert str(Close(1001, "bye")) == "close code 1001: bye"
    assert str(Close()) == "close code 0"
