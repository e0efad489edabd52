"""Exactness: raw members hear what the transport's library clients hear, delivery by delivery."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence

import msgspec
import pytest

from lab.chat.events import Event, Message, RoomEvent
from lab.contract import Address, Capability, Connection, ConnectOptions, Transport
from lab.load.fan_out import Audience, FanOut, fan_out
from lab.load.fleet import Fleet
from lab.load.raw import RawRoom, speaks
from lab.load.texts import incompressible
from lab.measure.server import ServerProcess
from transports import registry

ROOM = "den"
MEMBERS = 5
SCRIPT = [
    (incompressible(64, 40, 1), 1),
    (incompressible(64, 80, 2), 16),
    (incompressible(3_000, 20, 3), 16),
    (["", '"', "\\", "\x1e\x00\x7f", "한국어 🙂", '{"type":"message",', '42["message",'], 1),
    (incompressible(64, 30, 4), 4),
]
"""Batches, and how many of each are in flight; lengths of one, two and three bytes, and texts
that have to be escaped or that look like a delivery themselves."""

Delivery = tuple[str, int, str, str]
Heard = tuple[list[FanOut], list[list[Delivery]]]
"""What each batch came to, and what each member has heard."""


def held_to_account(transport: Transport) -> bool:
    """Whether the raw driver speaks it, and it keeps a room's order."""
    return speaks(transport) and Capability.ROOM in transport.capabilities


def deliveries(events: Iterable[Event]) -> list[Delivery]:
    """What was delivered; when is another matter."""
    return [(e.room, e.seq, e.name, e.text) for e in events if isinstance(e, Message)]


def by_raw_members(transport: Transport, address: Address, cpus: Sequence[int] = ()) -> Heard:
    with RawRoom(transport, address, ROOM, MEMBERS, decoding=True, cpus=cpus) as room:
        found = [room.fan_out(texts, window) for texts, window in SCRIPT]
        return found, [deliveries(each) for each in room.heard()]


async def by_library_clients(transport: Transport, address: Address) -> Heard:
    heard: list[list[RoomEvent]] = [[] for _ in range(MEMBERS)]
    audience = Audience(MEMBERS)

    async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
        return await transport.connect(address.url, on_event, ConnectOptions())

    async with Fleet(connect, ROOM, overheard(audience, heard)) as fleet:
        speaker = fleet.connections[0]
        found = [await fan_out(speaker, ROOM, audience, *batch) for batch in SCRIPT]
    return found, [deliveries(each) for each in heard]


def overheard(
    audience: Audience, heard: Sequence[list[RoomEvent]]
) -> list[Callable[[RoomEvent], None]]:
    """The audience's listeners; what each is told is kept as well."""

    def keeping(
        listen: Callable[[RoomEvent], None], mine: list[RoomEvent]
    ) -> Callable[[RoomEvent], None]:
        def both(event: RoomEvent) -> None:
            mine.append(event)
            listen(event)

        return both

    return [keeping(*each) for each in zip(audience.listeners(), heard, strict=True)]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    "name", [name for name in registry.available() if held_to_account(registry.load(name))]
)
def test_raw_members_hear_what_library_clients_hear(name: str, processes: int) -> None:
    transport, cpus = registry.load(name), [max(os.sched_getaffinity(0))] * (processes - 1)
    with ServerProcess(name, ["--unpaced"]) as server:
        by_raw, raw = by_raw_members(transport, msgspec.convert(server.ready, Address), cpus)
    with ServerProcess(name, ["--unpaced"]) as server:
        address = msgspec.convert(server.ready, Address)
        by_library, library = asyncio.run(by_library_clients(transport, address))

    assert raw == library
    assert [counts(each) for each in by_raw] == [counts(each) for each in by_library]
    for (texts, _), found in zip(SCRIPT, by_raw, strict=True):
        assert counts(found) == (len(texts), len(texts) * MEMBERS, len(texts) * MEMBERS, 0, 0)
    said = [text for texts, _ in SCRIPT for text in texts]
    assert [[text for *_, text in each] for each in raw] == [said] * MEMBERS


def counts(found: FanOut) -> tuple[int, int, int, int, int]:
    completed = len(found.last_delivery_ns)
    return completed, found.expected, found.delivered, found.lost, found.out_of_order


def test_what_is_not_asked_for_is_not_kept() -> None:
    with ServerProcess("websocket", ["--unpaced"]) as server:
        address = msgspec.convert(server.ready, Address)
        with RawRoom(registry.load("websocket"), address, ROOM, 2) as room:
            assert room.fan_out(["hello"], 1).lost == 0
            assert room.heard() == [[], []]
