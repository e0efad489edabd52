"""A client that sends at full speed does not delay others: they have turns in between.

Nothing here is timed. The tests count how many packets of the hostile client are handled while
another client waits for one reply. Without a bound, that would be all of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Refused, Reply
from lab.contract import Capability, Transport
from lab.service import ChatService
from tests.conformance.client import RoomClient, eventually
from tests.conformance.raw import TEXT, frame, upgraded
from tests.conformance.served import ServedTransport, served

pytestmark = pytest.mark.needs(Capability.SOCKET, Capability.SHARED_ROOM)

FLOOD = 20_000
MOST_BETWEEN = 1_000
"""Handled for one while another waits for a reply: some shares of one turn each."""
QUESTIONS = 10


class CountingChat(ChatService):
    """Counts the commands of each member."""

    def __init__(self) -> None:
        super().__init__()
        self.handled: Counter[Member] = Counter()

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        self.handled[member] += 1
        super().receive(member, command, reply)

    def refuse(self, member: Member, refusal: Refused, reply: Callable[[Reply], None]) -> None:
        self.handled[member] += 1
        super().refuse(member, refusal, reply)


async def assert_answered_between(client: RoomClient, chat: CountingChat, sent: int) -> None:
    """Check that the server handles only a part of the flood before each answer."""

    def flooded() -> int:
        return max(chat.handled.values(), default=0)

    await client.listing()
    await eventually(lambda: flooded() > QUESTIONS + 2, "the flood began")
    assert flooded() < sent, "all of it was handled in one turn"
    for _ in range(QUESTIONS):
        before = flooded()
        await client.listing()
        assert flooded() - before <= MOST_BETWEEN


@asynccontextmanager
async def flooding(s: ServedTransport, data: bytes) -> AsyncIterator[None]:
    """A client that sends these bytes at once, and reads the answers."""
    url = s.server.address.websocket_url
    assert url is not None
    async with upgraded(url) as connection:
        connection.send(data)
        reading = asyncio.ensure_future(connection.rest())
        try:
            yield
        finally:
            reading.cancel()


@pytest.mark.needs(Capability.NATIVE_FRAMES, Capability.HTTP_1)
async def test_other_clients_get_answers_between_the_frames_of_a_flood(
    transport: Transport,
) -> None:
    chat = CountingChat()
    async with served(transport, chat=chat) as s:
        ann = await s.connect()
        async with flooding(s, frame(TEXT, b"{}") * FLOOD):
            await assert_answered_between(ann, chat, FLOOD)


@pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.WEBSOCKET)
async def test_other_clients_get_answers_between_the_events_of_a_flood(
    transport: Transport,
) -> None:
    chat = CountingChat()
    async with served(transport, chat=chat) as s:
        ann = await s.connect()
        async with flooding(s, frame(TEXT, b"40") + frame(TEXT, b'420["x",{}]') * FLOOD):
            await assert_answered_between(ann, chat, FLOOD)


async def test_other_clients_get_answers_while_one_client_sends_without_a_pause(
    transport: Transport,
) -> None:
    chat = CountingChat()
    async with served(transport, chat=chat) as s:
        ann, eve = await s.connect_all(2)
        sending = [
            asyncio.ensure_future(eve.connection.send_untyped("nonsense", {}, number))
            for number in range(FLOOD // 4)
        ]
        await assert_answered_between(ann, chat, len(sending))
        for one in sending:
            one.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
