"""The lab's own RFC 6455 frames: all that wsproto writes is read, in any pieces."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from tests.conformance import raw
from transports._codec.frames import (
    BINARY,
    CLOSE,
    NO_CODE,
    PING,
    PONG,
    TEXT,
    BrokenError,
    Frames,
    close_code,
    close_frame,
    frame,
)

MOST = 70_000
SIZES = [0, 1, 125, 126, 127, 65535, 65536]

texts = st.text(st.characters(codec="utf-8"), max_size=200) | st.sampled_from(SIZES).map(
    lambda size: "x" * size
)
messages = st.one_of(
    texts.map(TextMessage),
    st.binary(max_size=200).map(BytesMessage),
    st.binary(max_size=125).map(Ping),
    st.binary(max_size=125).map(Pong),
)
Message = TextMessage | BytesMessage | Ping | Pong


def meant(message: Message) -> tuple[int, bytes]:
    """The expected result of reading a wsproto message."""
    match message:
        case TextMessage(data):
            return TEXT, data.encode()
        case BytesMessage(data):
            return BINARY, bytes(data)
        case Ping(data):
            return PING, bytes(data)
        case Pong(data):
            return PONG, bytes(data)
    raise AssertionError(message)


def read(data: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
    """Read the bytes in pieces that end at the cuts."""
    frames = Frames(MOST)
    ends = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [message for a, b in pairwise(ends) for message in frames.receive(data[a:b])]


@given(st.lists(messages, max_size=8), st.lists(st.integers(0, 1 << 20), max_size=12))
def test_a_client_s_frames_are_read_in_any_pieces(said: list[Message], cuts: list[int]) -> None:
    client = Connection(ConnectionType.CLIENT)
    data = b"".join(client.send(message) for message in said)
    assert read(data, cuts) == [meant(message) for message in said]


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=8), st.booleans())
def test_a_fragmented_message_may_have_control_frames_in_between(
    parts: list[bytes], binary: bool
) -> None:
    client = Connection(ConnectionType.CLIENT)
    data = b""
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        whole = BytesMessage(part, message_finished=last)
        as_text = TextMessage(part.hex(), message_finished=last)
        data += client.send(whole if binary else as_text)
        data += b"" if last else client.send(Ping(b"?"))
    joined = b"".join(parts)
    message = (BINARY, joined) if binary else (TEXT, joined.hex().encode())
    assert read(data, []) == [(PING, b"?")] * (len(parts) - 1) + [message]


@pytest.mark.parametrize("size", SIZES)
def test_a_client_understands_the_written_frames(size: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(frame(TEXT, b"x" * size) + close_frame(1001, "bye"))
    text, close = client.events()
    assert isinstance(text, TextMessage)
    assert text.data == "x" * size
    assert isinstance(close, CloseConnection)
    assert (close.code, close.reason) == (1001, "bye")


def test_a_frame_in_single_bytes_is_read_when_it_is_complete() -> None:
    frames, data = Frames(MOST), raw.frame(TEXT, b"x" * 66_000)
    taken = [list(frames.receive(data[at : at + 1])) for at in range(len(data))]
    assert [message for message in taken if message] == [[(TEXT, b"x" * 66_000)]]


def test_empty_fragments_take_no_memory() -> None:
    frames = Frames(MOST)
    assert list(frames.receive(raw.frame(TEXT, b"a", first=0))) == []
    for _ in range(10_000):
        assert list(frames.receive(raw.frame(0, b"", first=0))) == []
    assert frames._parts == b"a"
    assert list(frames.receive(raw.frame(0, b"b"))) == [(TEXT, b"ab")]


def test_fragments_of_one_byte_take_little_memory() -> None:
    frames, piece = Frames(MOST), raw.frame(0, b"x", first=0)
    tracemalloc.start()
    try:
        assert list(frames.receive(raw.frame(TEXT, b"x", first=0))) == []
        for _ in range(MOST - 1):
            assert list(frames.receive(piece)) == []
        held_bytes, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held_bytes < 2 * MOST
    assert list(frames.receive(raw.frame(0, b""))) == [(TEXT, b"x" * MOST)]


def test_messages_before_a_violation_are_read() -> None:
    frames, taken = Frames(MOST), []
    data = raw.frame(TEXT, b"before") + raw.frame(0x3, b"broken") + raw.frame(TEXT, b"after")
    with pytest.raises(BrokenError) as broken:
        for message in frames.receive(data):
            taken.append(message)
    assert (taken, broken.value.code) == ([(TEXT, b"before")], 1002)


BROKEN: dict[str, tuple[bytes, int]] = {
    "not masked": (raw.frame(TEXT, b"a", masked=False), 1002),
    "a reserved bit": (raw.frame(TEXT, b"a", first=0xC0), 1002),
    "a reserved control opcode": (raw.frame(0xB), 1002),
    "a text in a text": (raw.frame(TEXT, b"a", first=0) + raw.frame(TEXT, b"b"), 1002),
    "a continuation of nothing": (raw.frame(0, b"a"), 1002),
    "a close frame in fragments": (raw.frame(CLOSE, b"", first=0), 1002),
    "one byte too many": (raw.header(TEXT, MOST + 1), 1009),
    "one byte too many in parts": (
        raw.frame(TEXT, b"x" * MOST, first=0) + raw.header(0, 1),
        1009,
    ),
    "half a character at the end": (raw.frame(TEXT, "é".encode()[:1]), 1007),
}


@pytest.mark.parametrize("data, code", BROKEN.values(), ids=list(BROKEN))
def test_a_violation_has_the_close_code_of_its_clause(data: bytes, code: int) -> None:
    with pytest.raises(BrokenError) as broken:
        list(Frames(MOST).receive(data))
    assert broken.value.code == code


def test_a_character_may_be_split_between_fragments() -> None:
    first, second = "é".encode()[:1], "é".encode()[1:]
    data = raw.frame(TEXT, first, first=0) + raw.frame(0, second)
    assert list(Frames(MOST).receive(data)) == [(TEXT, "é".encode())]


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_a_peer_may_close_with_any_valid_code(code: int) -> None:
    assert close_code(close_frame(code, "bye")[2:]) == code


def test_a_close_frame_may_be_empty() -> None:
    assert close_code(b"") == NO_CODE
    assert close_frame(NO_CODE) == b"\x88\x00"


@pytest.mark.parametrize(
    "payload, code",
    [
        (b"\x03", 1002),
        (b"\x03\xed", 1002),  # 1005 stands for none
        (b"\x03\xee", 1002),  # 1006 stands for a broken connection
        (b"\x00\x01", 1002),
        (b"\x13\x88", 1002),  # 5000
        (b"\x03\xe8\xff", 1007),
    ],
)
def test_other_close_codes_are_violations(payload: bytes, code: int) -> None:
    with pytest.raises(BrokenError) as broken:
        close_code(payload)
    assert broken.value.code == code
