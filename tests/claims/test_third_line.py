"""The third line, held up for real: that it was, and that all of it comes when it moves again."""

from __future__ import annotations

import pytest

from lab.claims.third_line import FLOOD, FLOOD_TEXT, Beside, beside
from lab.contract import Capability, Transport
from lab.measure.server import ServerProcess
from transports import registry


def lines() -> list[Transport]:
    """The wires of the core whose client has one connection."""
    wires = [registry.load(name) for name in registry.available() if name in registry.CORE]
    return [
        wire
        for wire in wires
        if Capability.WEBSOCKET in wire.capabilities
        and Capability.HTTP_SESSION not in wire.capabilities
    ]


@pytest.mark.parametrize("wire", lines(), ids=lambda wire: str(wire.name))
async def test_a_third_line_is_held_up_and_loses_nothing(wire: Transport) -> None:
    with ServerProcess(wire.name, ["--unpaced"]) as server:
        found = await beside(wire, server)
    assert isinstance(found, Beside)
    assert not found.answered, "the third line carried nothing"
    assert found.missed == 0, "what was held up came in the end"
    assert found.unread_bytes == FLOOD * len(FLOOD_TEXT)
    # No reply is earlier than the network allows, whatever stands beside it.
    assert min(found.moving, found.still, found.unread) >= 1
