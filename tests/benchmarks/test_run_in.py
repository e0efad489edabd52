"""Which servers are run in, and that one has then been through everything."""

from __future__ import annotations

import pytest

from benchmarks.run_in import HANDSHAKES, MEMBERS, MESSAGES, ROOM, compiles_as_it_runs, run_in
from benchmarks.stage import Stage
from lab.chat.events import Listing
from lab.contract import Library, Stack
from lab.load.closed_loop import ignore
from lab.load.profiles import PROFILES
from lab.measure.process import plan_cores
from tests.transports.node import needs_node
from transports import registry


@pytest.mark.parametrize(("language", "compiles"), [("Python", False), ("Node", True)])
def test_it_goes_by_the_language_of_the_server(language: str, compiles: bool) -> None:
    client = Library("websockets", "17")
    stack = Stack(language=Library(language, "1"), server=Library("ws", "8"), client=client)
    assert compiles_as_it_runs(stack) == compiles


@needs_node
@pytest.mark.parametrize("name", registry.NODE)
def test_it_shakes_hands_and_speaks(name: str) -> None:
    with Stage(registry.load(name), "equal", PROFILES["quick"], plan_cores()) as stage:
        run_in(stage)
        # Everybody arrived, and all was said; a raw member may be missed only later.
        assert stage.run(_events(stage)) >= 2 * HANDSHAKES + MEMBERS + MESSAGES


async def _events(stage: Stage) -> int:
    """How much has happened in the room."""
    guest = await stage.connect(ignore)
    listing = await guest.rooms()
    await guest.close()
    assert isinstance(listing, Listing)
    return next(room.seq for room in listing.rooms if room.room == ROOM)
