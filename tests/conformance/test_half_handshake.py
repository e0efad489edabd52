"""A WebSocket handshake for a polling session takes none of the packets that wait for a poll.

A WebSocket client would not read them. What is no whole handshake is in `lab.judge.engineio`, and
`test_judged.py` sends it.
"""

from __future__ import annotations

import pytest

from lab.contract import Capability, Transport
from lab.handshakes.request import handshake
from tests.conformance import engineio, raw
from tests.conformance.client import in_time
from tests.conformance.served import served

pytestmark = pytest.mark.needs(
    Capability.DEFAULT_PARSER, Capability.HTTP_1, Capability.HTTP_SESSION
)


@pytest.mark.needs(Capability.WEBSOCKET)
async def test_a_handshake_whose_client_hangs_up_takes_nothing_from_a_session(
    transport: Transport,
) -> None:
    async with served(transport) as s, engineio.in_posts(s.server.address) as session:
        await session.enter()
        right = handshake(session.url).asking(transport="websocket")
        async with raw.dial(s.server.address.host, s.server.address.port) as connection:
            assert await connection.status(right) == 101
        assert await session.send('427["rooms",{}]')
        seen = await in_time(session.until("437["))
        assert seen is not None and '"listing"' in seen[-1]
        await session.send("1")
