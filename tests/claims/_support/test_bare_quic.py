"""The room on a bare stream of QUIC: the same room, and nothing of HTTP/3."""

from __future__ import annotations

import pytest

from lab.claims._support.bare_quic import BareClientLink, BareQuic
from tests.conformance.served import served
from transports._quic import client
from transports.webtransport import WebTransport

FIRST = 2
"""The first stream that a client opens for itself alone (RFC 9000 section 2.1)."""


async def test_the_room_is_the_same() -> None:
    async with served(BareQuic()) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        await ann.said("den", "hello")
        await bob.has_messages(1)
        await ann.close()
        assert await bob.sees_departed("ann") == "closed"
        await s.holds(1)


async def test_it_has_no_stream_but_one() -> None:
    async with served(BareQuic()) as s:
        link = await client.connect(s.server.address.url, s.options(), BareClientLink)
        try:
            assert link.quic.get_next_available_stream_id(is_unidirectional=True) == FIRST
        finally:
            await link.leave()


async def test_a_client_of_http_3_is_refused() -> None:
    async with served(BareQuic()) as s:
        with pytest.raises(ConnectionError):
            await client.connect(s.server.address.url, s.options(), WebTransport.client_link)
