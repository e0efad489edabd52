"""The packets and payloads of Socket.IO 0.9, as its specification and its parser have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports._fallback import packets
from transports._fallback.packets import MalformedError, Packet

MARK = "\ufffd"
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from(f"{MARK}:0123456789👋"), max_size=40)


@pytest.mark.parametrize(
    ("written", "packet"),
    [
        ("0::", Packet("0", "")),
        ("1::", Packet("1", "")),
        ("1::/chat?my=param", Packet("1", "")),
        ("2::", Packet("2", "")),
        ('4:::{"a":"b"}', Packet("4", '{"a":"b"}')),
        ('4:1+::{"a":":"}', Packet("4", '{"a":":"}')),
        ("3:1:/chat:two\nlines", Packet("3", "two\nlines")),
        ("7:::1+0", Packet("7", "1+0")),
        ("8::", Packet("8", "")),
    ],
)
def test_a_packet_is_read(written: str, packet: Packet) -> None:
    assert packets.parse(written.encode()) == [packet]


def test_several_packets_stand_behind_their_lengths() -> None:
    payload = packets.payload((b"4:::1", "4:::“👋”".encode(), b"8::"))
    # JavaScript's lengths: the waving hand is two.
    assert payload.decode() == f"{MARK}5{MARK}4:::1{MARK}8{MARK}4:::“👋”{MARK}3{MARK}8::"
    assert [packet.data for packet in packets.parse(payload)] == ["1", "“👋”", ""]


def test_one_packet_is_a_payload_by_itself() -> None:
    assert packets.payload((b"1::",)) == b"1::"


@given(st.lists(TEXTS, min_size=1, max_size=9))
def test_whatever_is_in_the_packets_comes_back(texts: list[str]) -> None:
    written = packets.payload(tuple(packets.message(text.encode()) for text in texts))
    assert packets.parse(written) == [Packet("4", text) for text in texts]


@given(TEXTS)
def test_a_length_is_in_utf_16_code_units(text: str) -> None:
    assert packets.units(text.encode()) == sum(1 + (ord(each) > 0xFFFF) for each in text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"9::",
        b"4",
        b"4:",
        b"x:::1",
        b"4:a::1",
        b"\xff\xfe",
        b"\x1e" * 9,
        f"{MARK}".encode(),
        f"{MARK * 2}".encode(),
        f"{MARK}3{MARK}".encode(),
        f"{MARK}4{MARK}1::".encode(),
        f"{MARK}2{MARK}1::".encode(),
        f"{MARK}-3{MARK}1::".encode(),
        f"{MARK}+3{MARK}1::".encode(),
        f"{MARK}³{MARK}1::".encode(),
        f"{MARK}3{MARK}1::1::".encode(),
        f"{MARK}3{MARK}1::{MARK}".encode(),
        f"{MARK}{'9' * 5000}{MARK}1::".encode(),
        # Half a surrogate pair is no character.
        f"{MARK}5{MARK}4:::👋".encode(),
    ],
)
def test_what_is_no_payload_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        packets.parse(body)


@given(st.binary(max_size=60) | TEXTS.map(str.encode))
def test_whatever_comes_is_read_or_malformed(body: bytes) -> None:
    try:
        assert packets.parse(body)
    except MalformedError as error:
        assert str(error)
