"""A broadcast is encoded once for all its members, on every wire that encodes in this process."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.chat import events
from lab.contract import Capability, Transport
from tests.conformance.guest import Insider
from tests.conformance.stage import Stage, stage

pytestmark = pytest.mark.needs(Capability.SHARED_ROOM)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each kind of event was turned into what a wire carries, from now on."""
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


async def test_a_broadcast_costs_as_many_encodings_in_a_room_of_twenty_as_in_one_of_two(
    wire: Transport, encoded: Counter[str]
) -> None:
    async with stage(wire) as s:
        assert await cost(s, "den", 20, encoded) == await cost(s, "attic", 2, encoded)


async def test_in_an_empty_house_nothing_is_encoded(wire: Transport, encoded: Counter[str]) -> None:
    async with stage(wire) as s:
        alone = await cost(s, "cellar", 0, encoded)
        assert await cost(s, "den", 20, encoded) <= alone + 1


async def cost(s: Stage, room: str, members: int, encoded: Counter[str]) -> int:
    """How many encodings one message takes in a room with so many guests."""
    guests = await s.connect_all(members)
    for number, guest in enumerate(guests):
        await guest.joined(room, f"guest {number}")
    insider = Insider(s.chat, room, "insider")
    before = encoded["message"]
    insider.say("hello")
    for guest in guests:
        await guest.has_messages(1)
    return encoded["message"] - before
