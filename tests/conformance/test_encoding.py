"""A broadcast is encoded once for all members, on each transport that encodes in this process."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.chat import events
from lab.contract import Capability, Transport
from tests.conformance.client import Insider
from tests.conformance.served import ServedTransport, served

pytestmark = pytest.mark.needs(Capability.SHARED_ROOM)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each kind of event is encoded from now on."""
    counts: Counter[str] = Counter()
    encode, to_payload = events.encode, events.to_payload

    def counted_encode(event: events.Event) -> bytes:
        counts[events.name_of(event)] += 1
        return encode(event)

    def counted_to_payload(event: events.RoomEvent) -> dict[str, object]:
        counts[events.name_of(event)] += 1
        return to_payload(event)

    monkeypatch.setattr(events, "encode", counted_encode)
    monkeypatch.setattr(events, "to_payload", counted_to_payload)
    return counts


async def test_a_broadcast_to_twenty_is_encoded_as_often_as_one_to_two(
    transport: Transport, encoded: Counter[str]
) -> None:
    async with served(transport) as s:
        assert await cost(s, "den", 20, encoded) == await cost(s, "attic", 2, encoded)


async def test_without_members_nothing_is_encoded(
    transport: Transport, encoded: Counter[str]
) -> None:
    async with served(transport) as s:
        alone = await cost(s, "cellar", 0, encoded)
        assert await cost(s, "den", 20, encoded) <= alone + 1


async def cost(s: ServedTransport, room: str, members: int, encoded: Counter[str]) -> int:
    """The number of encodings for one message in a room with this many clients."""
    clients = await s.connect_all(members)
    for number, client in enumerate(clients):
        await client.joined(room, f"guest {number}")
    insider = Insider(s.chat, room, "insider")
    before = encoded["message"]
    insider.say("hello")
    for client in clients:
        await client.has_messages(1)
    return encoded["message"] - before
