"""A header that is a list is read from all its fields."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.decode.headers import members, parameters
from lab.decode.tree import ChatEvent, Frame, Undecodable
from tests.decode.test_decode import SWITCH, SWITCHED, all_of, frame, talk

TEXT = b'{"type":"message","text":"hello"}'
PRESSED = bytes.fromhex("aa562aa92c4855b252ca4d2d2e4e4c4f55d2512a49ad28010a64a4e6e4e42bd50200")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a"], ["a"]),
        (["a, b", "c"], ["a", "b", "c"]),
        (["", " , a,,", ","], ["a"]),
        (['a; x="1, 2", b'], ['a; x="1, 2"', "b"]),
        (['a; x="1\\", 2", b'], ['a; x="1\\", 2"', "b"]),
        (['a; x="1, b'], ['a; x="1', "b"]),
        ([], []),
    ],
)
def test_members_of_a_list(values: list[str], expected: list[str]) -> None:
    fields = [("other", "z"), *(("name", value) for value in values)]
    assert members(fields, "name") == expected


def test_a_member_and_its_parameters() -> None:
    assert parameters('a; b ;c="x; y";') == ["a", "b", 'c="x; y"']
    assert parameters("") == []


@given(st.text())
def test_any_value_is_read(value: str) -> None:
    for member in members([("name", value)], "name"):
        assert member.strip() == member != ""
        parameters(member)


@pytest.mark.parametrize(
    "fields",
    [
        *map(list, permutations(["x-other; a=b", "permessage-deflate", "x-third"])),
        ["x-other, permessage-deflate"],
        ["x-other, Permessage-Deflate; server_no_context_takeover", ""],
        ['x-other; a="b, permessage-deflate; c", permessage-deflate; server_max_window_bits="15"'],
    ],
    ids=str,
)
def test_permessage_deflate_is_found_among_the_extensions(fields: list[str]) -> None:
    lines = "".join(f"Sec-WebSocket-Extensions: {field}\r\n" for field in fields)
    trace = talk(b"", frame(PRESSED, 0xC1), switch=SWITCH % lines.encode())
    assert [event.name for event in all_of(trace, ChatEvent)] == ["message"]


@pytest.mark.parametrize(
    "extensions",
    ["x-permessage-deflate", "x; permessage-deflate", 'x; a="permessage-deflate"', ""],
)
def test_permessage_deflate_is_not_found_where_it_is_none(extensions: str) -> None:
    line = f"Sec-WebSocket-Extensions: {extensions}\r\n".encode()
    trace = talk(b"", frame(PRESSED, 0xC1), switch=SWITCH % line)
    assert "reserved bit" in all_of(trace, Undecodable)[0].reason


def test_the_takeover_of_each_side_is_its_own() -> None:
    agreed = b"Sec-WebSocket-Extensions: x\r\nSec-WebSocket-Extensions: permessage-deflate;"
    down = frame(b"\xff", 0xC1) + frame(PRESSED, 0xC1)
    fresh = talk(b"", down, switch=SWITCH % (agreed + b" server_no_context_takeover\r\n"))
    assert [event.name for event in all_of(fresh, ChatEvent)] == ["message"]
    lost = talk(b"", down, switch=SWITCH % (agreed + b" client_no_context_takeover\r\n"))
    assert not all_of(lost, ChatEvent)


@pytest.mark.parametrize("upgrade", [b"websocket", b"WebSocket", b" , websocket"])
def test_a_switch_to_websocket_may_be_written_as_a_list(upgrade: bytes) -> None:
    trace = talk(b"", frame(b"{}"), switch=SWITCHED.replace(b"websocket", upgrade))
    assert all_of(trace, Frame)


@pytest.mark.parametrize("fields", [b"h2c, websocket", b"h2c\r\nUpgrade: websocket", b""])
def test_a_switch_to_more_than_websocket_is_not_read_as_frames(fields: bytes) -> None:
    trace = talk(b"", frame(b"{}"), switch=SWITCHED.replace(b"websocket", fields))
    assert not all_of(trace, Frame)
    assert "upgraded to" in all_of(trace, Undecodable)[0].reason
