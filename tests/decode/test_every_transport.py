"""Every byte on each transport of the registry that has a socket is understood and charged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.contract import Capability, ConnectOptions, Heartbeat, ServeOptions, Transport
from lab.decode.decode import decode
from lab.decode.tree import ChatCommand, ChatEvent, Undecodable
from lab.ledger.ledger import ledger
from lab.load.tapped import Capture, Script, converse
from lab.service import ChatService
from tests.decode.test_decode import all_of, assert_accounted
from tests.interop.conftest import needs
from tests.ledger.test_ledger import assert_adds_up, only
from transports import registry

TEXTS = ("hello", 'a "quoted" \\ <b>&</b>\n', "é 𒀀 \u2028")
IDLE_S = 1.3
BEAT = Heartbeat(interval_s=1, timeout_s=20)


@pytest.fixture(params=registry.TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """Each transport in turn; in CI none may be missing."""
    if (reason := registry.unavailable(request.param)) is not None:
        needs(f"{request.param} {reason}")
    found = registry.load(request.param)
    if Capability.TCP not in found.capabilities:
        pytest.skip(f"{request.param} has no TCP connection to tap")
    yield found


async def converse_on(transport: Transport) -> Capture:
    async with transport.serve(ChatService(), ServeOptions(heartbeat=BEAT)) as server:
        script = Script(texts=TEXTS, idle_s=IDLE_S)
        address = server.address
        return await converse(transport, address.url, address.port, script, ConnectOptions())


async def test_a_conversation_is_understood_and_charged_to_the_last_byte(
    transport: Transport,
) -> None:
    capture = await converse_on(transport)
    trace = decode(capture.chunks, capture.events)
    assert_accounted(trace)
    assert_adds_up(trace)
    assert not all_of(trace, Undecodable)
    commands = sorted(command.name for command in all_of(trace, ChatCommand))
    assert commands == ["join", "say", "say", "say"]
    replies = sorted(event.name for event in all_of(trace, ChatEvent) if event.reply)
    assert replies == ["joined", "said", "said", "said"]

    entry = only(ledger(trace, 25))
    assert entry.total.up.total == capture.counted.up_bytes
    assert entry.total.down.total == capture.counted.down_bytes
    assert (entry.messages, entry.deliveries) == (len(TEXTS), len(TEXTS))
    assert entry.connect is not None
    assert entry.joined is not None
    assert entry.joined.purposes[: len(entry.connect.purposes)] == entry.connect.purposes
    assert entry.joined.purposes[-1] == "join"
    assert (entry.heartbeat is not None) == (Capability.HEARTBEAT in transport.capabilities)
    assert entry.heartbeat is None or entry.heartbeat.beats >= 1
