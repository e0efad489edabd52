"""The bytes of a delivery on the wire, counted behind the relay."""

from __future__ import annotations

import pytest

from lab.contract import ConnectOptions
from lab.load.tapped_fan_out import tapped_fan_out
from lab.load.texts import incompressible
from tests.load.populated_room import populated_room
from transports import registry


@pytest.mark.parametrize("name", ["websocket", "socketio-websocket", "socketio-polling"])
@pytest.mark.parametrize("window", [1, 8])
async def test_every_delivery_is_found_in_the_bytes(name: str, window: int) -> None:
    transport = registry.load(name)
    async with populated_room(name) as h:
        url, port = h.server.address.url, h.server.address.port
        texts = incompressible(500, 8)
        found = await tapped_fan_out(transport, url, port, 3, texts, window, ConnectOptions())
    assert found.count == 3 * 8
    assert found.cost is not None
    # The text itself, and around it what the transport needs.
    assert 500 < found.cost.down.payload < 700
    assert found.cost.down.undecodable == found.cost.up.undecodable == 0


async def test_a_native_delivery_costs_its_frame_and_its_json() -> None:
    transport = registry.load("websocket")
    async with populated_room("websocket") as h:
        url, port = h.server.address.url, h.server.address.port
        small, large = [
            await tapped_fan_out(
                transport, url, port, 2, incompressible(size, 4), 1, ConnectOptions()
            )
            for size in (100, 1100)
        ]
    assert small.cost is not None
    assert large.cost is not None
    # 1000 of the text, and a second digit in `seq`: the room goes on counting from 9.
    assert large.cost.down.payload - small.cost.down.payload == 1001
    assert (small.cost.down.framing, large.cost.down.framing) == (4, 4)  # RFC 6455 5.2: 126 to 64 K
    assert small.cost.up.total == 0
