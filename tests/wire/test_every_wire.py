"""A visit to each wire of the registry that has a socket: understood, and every byte charged."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lab.contract import Capability, ConnectOptions, Heartbeat, ServeOptions, Transport
from lab.load.tapped import Script, Tape, converse
from lab.service import ChatService
from lab.wire.decode import decode
from lab.wire.ledger import ledger
from lab.wire.tree import ChatCommand, ChatEvent, Undecodable
from tests.wire.test_decode import all_of, assert_accounted
from tests.wire.test_ledger import assert_adds_up, only
from transports import registry

TEXTS = ("hello", 'a "quoted" \\ <b>&</b>\n', "é 𒀀 \u2028")
IDLE_S = 1.3
BEAT = Heartbeat(interval_s=1, timeout_s=20)


@pytest.fixture(params=registry.WIRES)
def wire(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """Each wire in turn; in CI none may be missing."""
    if (reason := registry.unavailable(request.param)) is not None:
        assert not os.environ.get("CI"), reason
        pytest.skip(f"{request.param} {reason}")
    found = registry.load(request.param)
    if Capability.SOCKET not in found.capabilities:
        pytest.skip(f"{request.param} has no socket to tap")
    yield found


async def visited(wire: Transport) -> Tape:
    async with wire.serve(ChatService(), ServeOptions(heartbeat=BEAT)) as server:
        script = Script(texts=TEXTS, idle_s=IDLE_S)
        address = server.address
        return await converse(wire, address.url, address.port, script, ConnectOptions())


async def test_a_visit_is_understood_and_charged_to_the_last_byte(wire: Transport) -> None:
    tape = await visited(wire)
    trace = decode(tape.chunks, tape.events)
    assert_accounted(trace)
    assert_adds_up(trace)
    assert not all_of(trace, Undecodable)
    commands = sorted(command.name for command in all_of(trace, ChatCommand))
    assert commands == ["join", "say", "say", "say"]
    replies = sorted(event.name for event in all_of(trace, ChatEvent) if event.reply)
    assert replies == ["joined", "said", "said", "said"]

    entry = only(ledger(trace, 25))
    assert entry.total.up.total == tape.counted.up_bytes
    assert entry.total.down.total == tape.counted.down_bytes
    assert (entry.messages, entry.deliveries) == (len(TEXTS), len(TEXTS))
    assert entry.connect is not None
    assert entry.joined is not None
    assert entry.joined.purposes[: len(entry.connect.purposes)] == entry.connect.purposes
    assert entry.joined.purposes[-1] == "join"
    assert (entry.heartbeat is not None) == (Capability.HEARTBEAT in wire.capabilities)
    assert entry.heartbeat is None or entry.heartbeat.beats >= 1
