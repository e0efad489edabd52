"""The reference pages: commands, transports and capabilities are all there, packets readable."""

from __future__ import annotations

import click
import pytest

from lab.contract import Capability
from lab.decode import rfc6455
from lab.decode.tree import EngineIoPacket, Frame, SocketIoPacket, Undecodable, walk
from tools import cheat_sheets, command_line, registered
from tools.cheat_sheets import Example
from transports import registry


def test_every_option_of_every_command_is_in_the_reference() -> None:
    page = command_line.reference()
    listed = command_line.contents()
    for name, command, _ in command_line.tree():
        if name == "lab":
            continue
        assert f"# {name}\n" in page
        assert f"[`{name}`]" in listed
        section = page.partition(f"# {name}\n")[2].partition("\n## ")[0]
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden:
                assert f"`{param.opts[-1]}`" in section, (name, param.opts)


def test_a_range_and_a_default_are_in_the_reference() -> None:
    section = command_line.reference().partition("## lab trace\n")[2].partition("\n## ")[0]
    assert "0\\<=x\\<=100; default: 2" in section
    assert "`[equal\\|stock]`" in section
    assert "```console\nlab trace websocket" in section


def test_every_transport_and_capability_is_in_the_reference() -> None:
    tables = registered.groups()
    for name in registry.TRANSPORTS:
        assert (f"| `{name}` |" in tables) == (name not in registry.PEERS)
    meanings = registered.capabilities()
    assert all(f"| `{one.value}` |" in meanings for one in Capability)
    (room,) = [line for line in meanings.splitlines() if line.startswith("| `room` |")]
    assert room.endswith("| all but `limit-tcp`, `limit-gathered` |")


FRAMES = cheat_sheets.frame_examples()
PACKETS = cheat_sheets.engine_io_examples() + cheat_sheets.socket_io_examples()


@pytest.mark.parametrize(
    ("one", "summary"),
    list(
        zip(
            FRAMES,
            ["text", "text", "binary", "text", "continuation", "ping", "pong"] + ["close"] * 3,
            strict=True,
        )
    ),
    ids=lambda it: it.purpose if isinstance(it, Example) else "",
)
def test_the_decoder_reads_a_frame(one: Example, summary: str) -> None:
    (nodes,) = cheat_sheets.frame_nodes([one])
    frames = [node for node in nodes if isinstance(node, Frame)]
    assert [rfc6455.NAMES[frame.opcode] for frame in frames] == [summary]
    assert frames[0].end == len(one.data)
    assert f"`{one.data.hex(' ')}`" in cheat_sheets.websocket()


def test_the_decoder_reads_the_three_forms_of_a_length() -> None:
    examples = cheat_sheets.length_examples()
    for one, (node,) in zip(examples, cheat_sheets.frame_nodes(examples), strict=True):
        assert isinstance(node, Frame)
        assert node.end == len(one.data)
    assert "| 126 B | `82 7e 00 7e` | 4 B |" in cheat_sheets.lengths()
    assert "| 65,536 B | `82 7f 00 00 00 00 00 01 00 00` | 10 B |" in cheat_sheets.lengths()


@pytest.mark.parametrize("one", PACKETS, ids=lambda it: it.purpose)
def test_the_decoder_reads_a_packet(one: Example) -> None:
    nodes = list(walk(cheat_sheets.packet_nodes(one)))
    assert not [node for node in nodes if isinstance(node, Undecodable)]
    assert any(isinstance(node, EngineIoPacket) for node in nodes)


def test_the_decoder_knows_each_packet_of_socket_io() -> None:
    found = [
        node.name
        for one in cheat_sheets.socket_io_examples()
        for node in walk(cheat_sheets.packet_nodes(one))
        if isinstance(node, SocketIoPacket)
    ]
    kinds = ["connect", "connect_error", "event", "ack", "disconnect", "binary_event"]
    assert set(found) == set(kinds)


def test_bytes_that_are_no_packet_are_found() -> None:
    wrong = Example("wrong", "", "down", b"9nonsense")
    assert any(isinstance(node, Undecodable) for node in walk(cheat_sheets.packet_nodes(wrong)))
