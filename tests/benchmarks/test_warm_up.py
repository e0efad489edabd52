"""Which servers are warmed up, and that one has then been through everything."""

from __future__ import annotations

import pytest

from benchmarks.served_transports import ServedTransport
from lab.chat.events import Listing
from lab.contract import Library, Stack
from lab.load.closed_loop import ignore
from lab.load.profiles import PROFILES
from lab.load.warm_up import HANDSHAKES, MEMBERS, MESSAGES, ROOM, compiles_as_it_runs
from lab.measure.process import plan_cores
from tests.transports.needs_node import needs_node
from transports import registry


@pytest.mark.parametrize(("language", "compiles"), [("Python", False), ("Node", True)])
def test_it_goes_by_the_language_of_the_server(language: str, compiles: bool) -> None:
    client = Library("websockets", "17")
    stack = Stack(language=Library(language, "1"), server=Library("ws", "8"), client=client)
    assert compiles_as_it_runs(stack) == compiles


@needs_node
@pytest.mark.parametrize("name", registry.NODE)
def test_it_shakes_hands_and_speaks(name: str) -> None:
    with ServedTransport(registry.load(name), "equal", PROFILES["quick"], plan_cores()) as served:
        served.warm_up()
        # Everybody arrived, and all was said; a raw member may be missed only later.
        assert served.run(_events(served)) >= 2 * HANDSHAKES + MEMBERS + MESSAGES


async def _events(served: ServedTransport) -> int:
    """How much has happened in the room."""
    client = await served.connect(ignore)
    listing = await client.rooms()
    await client.close()
    assert isinstance(listing, Listing)
    return next(room.seq for room in listing.rooms if room.room == ROOM)
