"""The third line, held up for real: that it was, and that all of it comes when it moves again."""

from __future__ import annotations

import pytest

from lab.claims.fast_lines import LINES
from lab.claims.third_line import FLOOD, FLOOD_TEXT, Beside, beside
from lab.measure.server import ServerProcess
from transports import registry


@pytest.mark.parametrize("name", LINES)
async def test_a_third_line_is_held_up_and_loses_nothing(name: str) -> None:
    wire = registry.load(name)
    with ServerProcess(name, ["--unpaced"]) as server:
        found = await beside(wire, server)
    assert isinstance(found, Beside)
    assert not found.answered, "the third line carried nothing"
    assert found.missed == 0, "what was held up came in the end"
    assert found.unread_bytes == FLOOD * len(FLOOD_TEXT)
    # No reply is earlier than the network allows, whatever stands beside it.
    assert min(found.moving, found.still, found.unread) >= 1
