"""A stalled member: its connection really stalls, and all its messages arrive afterwards."""

from __future__ import annotations

import pytest

from lab.claims._support.stalled_member import (
    FLOOD,
    FLOOD_TEXT,
    StalledMemberEffect,
    stalled_member_effect,
)
from lab.claims.fast_lines import CLAIMED
from lab.measure.server import ServerProcess
from transports import registry


@pytest.mark.parametrize("name", CLAIMED)
async def test_a_stalled_member_gets_no_reply_and_loses_nothing(name: str) -> None:
    transport = registry.load(name)
    with ServerProcess(name, ["--unpaced"]) as server:
        found = await stalled_member_effect(transport, server)
    assert isinstance(found, StalledMemberEffect)
    assert not found.answered, "the stalled connection carries nothing"
    assert found.missed == 0, "all messages arrive after the stall"
    assert found.unread_bytes == FLOOD * len(FLOOD_TEXT)
    # No reply is faster than the network, with or without a stalled member.
    assert min(found.moving, found.still, found.unread) >= 1
