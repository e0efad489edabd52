"""Send too large messages over each transport with a limit: only that connection ends."""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, ConnectionClosedError, Transport
from tests.conformance.client import in_time
from tests.conformance.served import QUICK, served

pytestmark = pytest.mark.needs(Capability.FRAME_LIMIT)

LIMITS = Limits(text_bytes=16 * 1024, frame_bytes=64 * 1024)


async def test_an_oversized_message_ends_its_own_connection_only(transport: Transport) -> None:
    async with served(transport, limits=LIMITS, heartbeat=QUICK) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.say("den", "x" * (LIMITS.frame_bytes + 1)))
        await ann.ended()
        assert await bob.sees_departed("ann") in ("lost", "closed")
        await s.holds(1)
        await bob.said("den", "still here")
        await bob.has_messages(1)
        assert [message.text for message in bob.messages] == ["still here"]
        await (await s.connect()).joined("den", "ann")


async def test_a_too_long_text_in_a_valid_frame_is_only_refused(transport: Transport) -> None:
    async with served(transport, limits=LIMITS) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        text = "x" * (LIMITS.frame_bytes - 1024)
        await ann.refused("text_too_long", ann.connection.say("den", text))
        await ann.said("den", "x" * LIMITS.text_bytes)


async def test_an_ended_connection_raises_at_every_command(transport: Transport) -> None:
    async with served(transport, limits=LIMITS) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.say("den", "x" * (LIMITS.frame_bytes + 1)))
        await ann.ended()
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.rooms())
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.typing("den"))
