"""The terms in the handshake of Engine.IO are those that the server was started with.

The official cases of the protocol are in `lab.judge.engineio`, and `test_judged.py` plays them.
"""

from __future__ import annotations

import pytest

from lab.contract import Capability, Heartbeat, Transport
from lab.judge.engineio.handshake import handshake_in
from lab.judge.engineio.session import packets_in, websocket
from lab.judge.http import http
from lab.judge.player import Player
from tests.conformance.served import ServedTransport, served
from tests.conformance.test_judged import site_of

pytestmark = pytest.mark.needs(Capability.ENGINE_IO, Capability.HTTP_1)


def terms_of(s: ServedTransport, upgrades: list[str]) -> dict[str, object]:
    """The expected terms of the server's handshake, besides the session id."""
    default = Heartbeat()
    return {
        "upgrades": upgrades,
        "pingInterval": default.interval_s * 1000,
        "pingTimeout": default.timeout_s * 1000,
        "maxPayload": s.chat.limits.frame_bytes,
    }


@pytest.mark.needs(Capability.HTTP_SESSION)
async def test_a_poll_has_the_terms_of_the_session(transport: Transport) -> None:
    async with served(transport) as s:
        site = site_of(s, Heartbeat())
        assert site.engine is not None
        async with http(Player(site)) as client:
            (packet,) = packets_in(await client.ask(site.engine.polling()))
        terms = handshake_in(packet)
        assert isinstance(terms.pop("sid"), str)
        framed = Capability.WEBSOCKET in s.transport.capabilities
        assert terms == terms_of(s, ["websocket"] if framed else [])


@pytest.mark.needs(Capability.WEBSOCKET)
async def test_a_websocket_has_the_terms_of_the_session(transport: Transport) -> None:
    async with served(transport) as s, websocket(Player(site_of(s, Heartbeat()))) as session:
        terms = handshake_in(await session.due("an open packet"))
        assert isinstance(terms.pop("sid"), str)
        assert terms == terms_of(s, [])
