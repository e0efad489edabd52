"""Which servers are run in, and that one then has been through everything and is empty again."""

from __future__ import annotations

import pytest

from lab.contract import Library, Stack
from lab.load.closed_loop import ignore
from lab.load.warm_up import HANDSHAKES, MEMBERS, ROOM, compiles_as_it_runs, warm_up
from tests.conformance.guest import Guest
from tests.load.hall import WIRES, hall


@pytest.mark.parametrize(("language", "compiles"), [("Python", False), ("Node", True)])
def test_it_goes_by_the_language_of_the_server(language: str, compiles: bool) -> None:
    client = Library("websockets", "17")
    stack = Stack(language=Library(language, "1"), server=Library("ws", "8"), client=client)
    assert compiles_as_it_runs(stack) == compiles


@pytest.mark.parametrize("wire", WIRES)
async def test_it_shakes_hands_and_speaks_and_leaves(wire: str) -> None:
    async with hall(wire) as h:
        await warm_up(h.connect, [f"text {number}" for number in range(20)])
        await h.all_gone()
        assert len(h.opened) == HANDSHAKES + MEMBERS
        guest = Guest()
        guest.connection = await h.connect(ignore)
        # Everybody came and went, and in between was heard.
        assert await guest.listing() == {ROOM: (0, 2 * (HANDSHAKES + MEMBERS) + 20)}
        await guest.close()
