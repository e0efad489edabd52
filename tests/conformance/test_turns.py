"""A client's packets are handled in shares: other clients have turns in between.

The server's process is stopped while the clients send. So the whole flood has arrived before the
question. The test needs no clock: the room's `seq` says how much is handled before the answer.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from lab.contract import Address, Capability, Transport
from lab.handshakes.request import Request
from lab.measure.server import ServerProcess
from tests.conformance import engineio, raw
from tests.conformance.client import in_time
from tests.conformance.engineio import Posts
from tests.conformance.raw import TEXT, frame

pytestmark = pytest.mark.needs(Capability.HTTP_1)

FLOOD = 1000
"""Commands of the flood: no more than one read may bring, and than the pace allows at once."""
MOST = FLOOD // 2
"""Handled before the question is: some shares. Without shares it is all of the flood."""


class Words(NamedTuple):
    """Three commands: two of the client that floods, and the question of the other client."""

    join: str
    say: str
    ask: str


NATIVE = Words(
    '{"type":"join","id":1,"room":"den","name":"loud"}',
    '{"type":"say","id":2,"room":"den","text":""}',
    '{"type":"rooms","id":3}',
)
EVENTS = Words(
    '421["join",{"room":"den","name":"loud"}]',
    '42["say",{"room":"den","text":""}]',
    '423["rooms",{}]',
)


@asynccontextmanager
async def running(transport: Transport) -> AsyncIterator[tuple[ServerProcess, Address]]:
    """A server in its own process, and its address."""
    server = ServerProcess(transport.name)
    await asyncio.to_thread(server.__enter__)
    try:
        url = urlsplit(server.url)
        assert url.hostname and url.port
        engine = Capability.ENGINE_IO in transport.capabilities
        target = "/socket.io/?EIO=4&transport=websocket" if engine else url.path
        websocket_url = f"ws://{url.netloc}{target}"
        yield server, Address(server.url, url.hostname, url.port, websocket_url=websocket_url)
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


@asynccontextmanager
async def stopped(server: ServerProcess) -> AsyncIterator[None]:
    """Stop the server's process. The kernel keeps the bytes that are sent to it."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def handled(listing: str) -> int:
    """The newest `seq` of the only room in a listing."""
    found = re.search(r'"seq":\s*(\d+)', listing)
    assert found is not None, listing
    return int(found[1])


async def text_with(texts: AsyncIterator[str], part: str) -> str:
    """The first text that contains this."""
    async for text in texts:
        if part in text:
            return text
    raise AssertionError(f"the connection ended before {part} came")


async def between_frames(server: ServerProcess, url: str | None, words: Words) -> int:
    """How much of a flood in frames is handled before another client's question."""
    assert url is not None
    async with raw.upgraded(url) as loud, raw.upgraded(url) as quiet:
        answers = quiet.texts()
        if words is EVENTS:
            loud.send(frame(TEXT, b"40"))
            quiet.send(frame(TEXT, b"40"))
            await in_time(text_with(loud.texts(), "40{"))
            await in_time(text_with(answers, "40{"))
        loud.send(frame(TEXT, words.join.encode()))
        await in_time(text_with(loud.texts(), "joined"))
        async with stopped(server):
            loud.send(frame(TEXT, words.say.encode()) * FLOOD)
            quiet.send(frame(TEXT, words.ask.encode()))
        return handled(await in_time(text_with(answers, "listing")))


def post(session: Posts, payload: str) -> bytes:
    """A POST with this body."""
    url = urlsplit(session.url)
    target = f"{url.path}?{url.query}"
    return Request("POST", target, {"Host": url.netloc}, payload.encode()).encode()


async def between_posts(server: ServerProcess, address: Address) -> int:
    """How much of a flood in one POST is handled before another client's question."""
    async with (
        engineio.in_posts(address) as loud,
        engineio.in_posts(address) as quiet,
        raw.dial(address.host, address.port) as first,
        raw.dial(address.host, address.port) as second,
    ):
        for session in (loud, quiet):
            await session.send("40")
            assert await session.until("40{") is not None
        await loud.send(EVENTS.join)
        assert await loud.until("431[") is not None
        async with stopped(server):
            first.send(post(loud, engineio.SEPARATOR.join([EVENTS.say] * FLOOD)))
            second.send(post(quiet, EVENTS.ask))
        seen = await in_time(quiet.until("433["))
        assert seen is not None
        return handled(seen[-1])


@pytest.mark.needs(Capability.NATIVE_FRAMES)
async def test_other_clients_get_turns_during_a_flood_of_native_frames(
    transport: Transport,
) -> None:
    async with running(transport) as (server, address):
        assert await between_frames(server, address.websocket_url, NATIVE) <= MOST


@pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.WEBSOCKET)
async def test_other_clients_get_turns_during_a_flood_of_events_in_frames(
    transport: Transport,
) -> None:
    async with running(transport) as (server, address):
        assert await between_frames(server, address.websocket_url, EVENTS) <= MOST


@pytest.mark.needs(Capability.DEFAULT_PARSER, Capability.HTTP_SESSION)
async def test_other_clients_get_turns_during_a_flood_of_events_in_a_post(
    transport: Transport,
) -> None:
    async with running(transport) as (server, address):
        assert await between_posts(server, address) <= MOST
