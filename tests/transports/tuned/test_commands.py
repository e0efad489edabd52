"""The fast path from a packet to a command has the same result as the slow path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat import commands
from lab.chat.commands import Command, History, Join, Leave, Rooms, Say, Typing
from transports._tuned.engineio import commands as commands_
from transports._tuned.engineio import packets


def long_way(message: bytes) -> tuple[int | None, Command] | None:
    """The command of the packet on the slow path; None if it has none."""
    try:
        packet = packets.parse(message)
        name, payload = packet.data
        return packet.id, commands.convert(name, payload, 0)
    except (commands.BadCommandError, packets.NotAPacketError, TypeError, ValueError):
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
def test_a_command_takes_the_fast_path(command: Command, packet_id: int | None) -> None:
    data = json.dumps([commands.name_of(command), commands.to_payload(command)])
    message = f"2{'' if packet_id is None else packet_id}{data.replace(', {', ',{', 1)}".encode()
    assert commands_.read(message) == (packet_id, command) == long_way(message)


values: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1.5, [], {}, -1, 0, 1, 9, "", "den", "é"]
)
fields = ["room", "name", "text", "key", "after", "limit", "before", "id", "type"]
payloads = st.dictionaries(st.sampled_from(fields), values)
names = st.sampled_from([*commands.NAMES, "shout", "", "Say"])


@given(names, payloads, st.sampled_from(["", "3", "007", "9" * 20]), st.lists(values, max_size=1))
def test_the_fast_path_reads_the_same_command_or_none(
    name: str, payload: dict[str, Any], packet_id: str, more: list[Any]
) -> None:
    message = f"2{packet_id}{json.dumps([name, payload, *more], separators=(',', ':'))}".encode()
    short = commands_.read(message)
    assert short is None or short == long_way(message)


@given(st.binary(max_size=60) | st.from_regex(rb'2\d?\["say",\{.{0,40}\}\]', fullmatch=True))
def test_the_fast_path_reads_any_bytes_as_the_same_command_or_none(message: bytes) -> None:
    short = commands_.read(message)
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
def test_other_packets_are_left_to_the_slow_path(message: bytes) -> None:
    assert commands_.read(message) is None
