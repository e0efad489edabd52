"""A command before the namespace is entered leaves no session.

Other invalid packets of Socket.IO are in `lab.judge.room`, and `test_judged.py` sends them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from lab.contract import Address, Capability, Transport
from tests.conformance import engineio
from tests.conformance.client import in_time
from tests.conformance.engineio import Session
from tests.conformance.served import served

Opening = Callable[[Address], AbstractAsyncContextManager[Session]]

pytestmark = pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.HTTP_1)
in_frames = pytest.mark.needs(Capability.WEBSOCKET)
in_posts = pytest.mark.needs(Capability.HTTP_SESSION)


@in_frames
async def test_a_command_before_the_namespace_is_entered_ends_the_session(
    transport: Transport,
) -> None:
    async with served(transport) as s, engineio.in_frames(s.server.address) as session:
        await session.send('427["rooms",{}]')
        assert await in_time(session.until("437[")) is None
        await s.empty()
