"""The short way from a packet to a command: it never says anything else than the long one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat import commands
from lab.chat.commands import Command, History, Join, Leave, Rooms, Say, Typing
from transports import _tuned_commands, _tuned_packets


def long_way(message: bytes) -> tuple[int | None, Command] | None:
    """What the packet means; None where it means nothing."""
    try:
        packet = _tuned_packets.parse(message)
        name, payload = packet.data
        return packet.id, commands.convert(name, payload, 0)
    except (commands.BadCommandError, _tuned_packets.NotAPacketError, TypeError, ValueError):
        return None


SAID: list[Command] = [
    Join(0, "den", "ann"),
    Join(0, "den", "ann", 7),
    Leave(0, "den"),
    Say(0, "den", 'é "\\ \u2028 \0 ]', "k"),
    Typing(0, "den"),
    History(0, "den", 5),
    History(0, "den", 5, 3),
    Rooms(0),
]


@pytest.mark.parametrize("command", SAID, ids=repr)
@pytest.mark.parametrize("packet_id", [None, 0, 17])
def test_a_command_is_read_the_short_way(command: Command, packet_id: int | None) -> None:
    data = json.dumps([commands.name_of(command), commands.to_payload(command)])
    message = f"2{'' if packet_id is None else packet_id}{data.replace(', {', ',{', 1)}".encode()
    assert _tuned_commands.read(message) == (packet_id, command) == long_way(message)


values: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1.5, [], {}, -1, 0, 1, 9, "", "den", "é"]
)
fields = ["room", "name", "text", "key", "after", "limit", "before", "id", "type"]
payloads = st.dictionaries(st.sampled_from(fields), values)
names = st.sampled_from([*commands.NAMES, "shout", "", "Say"])


@given(names, payloads, st.sampled_from(["", "3", "007", "9" * 20]), st.lists(values, max_size=1))
def test_it_is_the_same_command_or_none(
    name: str, payload: dict[str, Any], packet_id: str, more: list[Any]
) -> None:
    message = f"2{packet_id}{json.dumps([name, payload, *more], separators=(',', ':'))}".encode()
    short = _tuned_commands.read(message)
    assert short is None or short == long_way(message)


@given(st.binary(max_size=60) | st.from_regex(rb'2\d?\["say",\{.{0,40}\}\]', fullmatch=True))
def test_any_bytes_are_the_same_command_or_none(message: bytes) -> None:
    short = _tuned_commands.read(message)
    assert short is None or short == long_way(message)


@pytest.mark.parametrize(
    "message",
    [
        b'2["say",{"room":"den","text":"\\ud800"}]',
        b'2["say",{"room":"den","text":"a"},{"room":"den","text":"b"}]',
        b'2["say",{"room":"den","text":"\xff"}]',
        b'2["say",' + b'{"a":' * 20_000 + b"}" * 20_000 + b"]",
        b'2/admin,["say",{"room":"den","text":"a"}]',
    ],
)
def test_what_is_not_for_the_short_way_is_left_to_the_long_one(message: bytes) -> None:
    assert _tuned_commands.read(message) is None
