"""Messages too large for each wire that bounds them: that connection ends, and no other."""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, ConnectionClosedError, Transport
from tests.conformance.guest import in_time
from tests.conformance.stage import QUICK, stage

pytestmark = pytest.mark.needs(Capability.FRAME_LIMIT)

LIMITS = Limits(text_bytes=16 * 1024, frame_bytes=64 * 1024)


async def test_an_oversized_message_ends_its_own_connection_only(wire: Transport) -> None:
    async with stage(wire, limits=LIMITS, heartbeat=QUICK) as s:
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


async def test_a_text_too_long_that_fits_into_a_frame_is_only_refused(wire: Transport) -> None:
    async with stage(wire, limits=LIMITS) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        text = "x" * (LIMITS.frame_bytes - 1024)
        await ann.refused("text_too_long", ann.connection.say("den", text))
        await ann.said("den", "x" * LIMITS.text_bytes)


async def test_a_connection_that_has_ended_says_so_to_every_command(wire: Transport) -> None:
    async with stage(wire, limits=LIMITS) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.say("den", "x" * (LIMITS.frame_bytes + 1)))
        await ann.ended()
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.rooms())
        with pytest.raises(ConnectionClosedError):
            await in_time(ann.connection.typing("den"))
