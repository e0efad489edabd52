"""What one received message costs, on every transport with a socket."""

from __future__ import annotations

import pytest

from lab.chat import events
from lab.chat.events import Message
from lab.contract import Capability
from lab.reproduce import received
from lab.reproduce.quantum import frame_header_bytes
from lab.reproduce.received import NotCountedError, receive
from transports import registry

MESSAGES = 3
SOCKETS = [
    name for name in registry.available() if Capability.HTTP_1 in registry.load(name).capabilities
]
NATIVE = [name for name in SOCKETS if Capability.NATIVE_FRAMES in registry.load(name).capabilities]


@pytest.mark.parametrize("transport", SOCKETS)
def test_the_parts_add_up_and_each_message_is_paid_for(transport: str) -> None:
    found = receive(registry.load(transport), 16, MESSAGES)
    assert (found.transport, found.messages, found.text_bytes) == (transport, MESSAGES, 16)
    parts = found.http_bytes + found.framing_bytes + found.envelope_bytes
    assert parts == pytest.approx(found.overhead_bytes)
    assert found.envelope_bytes > len('"lobby""speaker"')
    assert found.framing_bytes >= 2
    assert found.cost.up.undecodable == found.cost.down.undecodable == 0
    # A poll is asked for and answered; a frame just comes.
    assert found.polls == (found.cost.up.total > 0) == (found.cost.down.http > 0)
    assert found.said_overhead_bytes > 16


@pytest.mark.parametrize("transport", NATIVE)
@pytest.mark.parametrize("text_bytes", [16, 200, 65_536])
def test_a_native_frame_is_the_event_and_the_header_of_its_size(
    transport: str, text_bytes: int
) -> None:
    found = receive(registry.load(transport), text_bytes, MESSAGES)
    event = events.encode(Message("lobby", 3, "speaker", "x" * text_bytes, 1_700_000_000_000))
    payload_bytes = len(event)
    assert found.cost.down.payload == payload_bytes
    assert found.cost.down.framing == frame_header_bytes(payload_bytes)
    # Of the command and its reply, only the command is masked.
    assert found.said.up.framing == frame_header_bytes(int(found.said.up.payload), masked=True)


def test_what_does_not_cross_the_relay_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "through", lambda url, port, relay: url)
    with pytest.raises(NotCountedError, match="expected 3 messages from one client to another"):
        receive(registry.load("websocket"), 16, MESSAGES)
