"""A replay of any length reaches a client, also with the libraries' default settings."""

from __future__ import annotations

import pytest

from lab.contract import Settings, Transport
from tests.conformance.served import served


@pytest.mark.parametrize("settings", ["equal", "stock"])
@pytest.mark.parametrize("missed", [15, 16, 17, 100])
async def test_a_client_that_resumes_gets_all_that_it_missed(
    transport: Transport, settings: Settings, missed: int
) -> None:
    async with served(transport, settings=settings) as s:
        bob = await s.connect()
        await bob.joined("den", "bob")
        for number in range(missed):
            await bob.said("den", str(number))
        ann = await s.connect()
        await ann.joined("den", "ann", after=0)
        await ann.has_logged(missed + 2)
        await bob.said("den", "live")
        await ann.has_messages(missed + 1)
        assert [message.text for message in ann.messages] == [*map(str, range(missed)), "live"]
        assert [event.seq for event in ann.logged] == list(range(1, missed + 4))
