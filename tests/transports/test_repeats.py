"""A poll that comes again after a line that broke: its session ends, so that its client resumes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from lab.chat.events import Why
from lab.contract import Capability, ServeOptions
from lab.service import ChatService
from tests.conformance.guest import in_time
from tests.transports.fallbacks import POLLING
from transports import registry
from transports._repeats import Polls

ENGINE_IO = {Capability.ENGINE_IO, Capability.HTTP_SESSION, Capability.SHARED_ROOM}
WIRES = [
    name
    for name in registry.available()
    if registry.load(name).capabilities >= ENGINE_IO or name in POLLING
]


def test_only_the_last_poll_s_stamp_on_another_line_is_a_repeat() -> None:
    polls, one, other = Polls(), object(), object()
    assert not polls.repeats("1", one)
    assert polls.repeats("1", other)
    assert not polls.repeats("2", one)
    assert not polls.repeats("2", one)
    assert not polls.repeats("1", other)
    assert not polls.repeats(None, one)
    assert not polls.repeats(None, other)


class Noting(ChatService):
    """A chat that remembers why who went."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[Why] = []

    def detach(self, member: Any, why: Why) -> None:
        self.gone.append(why)
        super().detach(member, why)


class Caller:
    """A session by HTTP alone, over as many connections as `http` makes."""

    def __init__(self, http: aiohttp.ClientSession, name: str, root: str) -> None:
        self.http = http
        self.name = name
        self.root = root
        self.url = ""

    async def open(self) -> None:
        """Shake hands, so that the first poll has something to bring."""
        if self.name in POLLING:
            query = POLLING[self.name].handshake_query
            async with self.http.get(f"{self.root}/socket.io/1/", params=query) as response:
                body = POLLING[self.name].decode_handshake(await response.read())
            sid = body.decode().partition(":")[0]
            self.url = f"{self.root}/socket.io/1/{self.name}/{sid}?"
            return
        engine = f"{self.root}/socket.io/?EIO=4&transport=polling"
        async with self.http.get(engine) as response:
            sid = (await response.text()).partition('"sid":"')[2].partition('"')[0]
        self.url = f"{engine}&sid={sid}&"
        async with self.http.post(self.url, data=b"40") as response:
            assert response.status == 200

    async def beat(self) -> None:
        """Send what is answered, so that the next poll has something to bring."""
        fallback = self.name in POLLING
        said = '4:::{"type":"rooms","id":1}' if fallback else '421["rooms",{}]'
        body = POLLING[self.name].encode_up(said.encode()) if fallback else said.encode()
        async with self.http.post(self.url, data=body) as response:
            assert response.status == 200

    async def poll(self, stamp: str) -> int:
        """Ask for what there is; returns the status of the answer."""
        query = dict(POLLING[self.name].query) if self.name in POLLING else {}
        params = {**query, "t": stamp}
        async with self.http.get(self.url, params=params) as response:
            await response.read()
            return response.status


@asynccontextmanager
async def calling(name: str, *, keeping: bool) -> AsyncIterator[tuple[Noting, Caller]]:
    """A session on that wire; `keeping`: all requests on one connection, else each on its own."""
    chat = Noting()
    connector = aiohttp.TCPConnector(limit=1, force_close=not keeping)
    timeout = aiohttp.ClientTimeout(total=30)
    async with (
        registry.load(name).serve(chat, ServeOptions()) as server,
        aiohttp.ClientSession(connector=connector, timeout=timeout) as http,
    ):
        caller = Caller(http, name, server.address.url)
        await caller.open()
        yield chat, caller


@pytest.mark.parametrize("name", WIRES)
async def test_a_poll_that_comes_again_on_another_line_ends_its_session(name: str) -> None:
    async with calling(name, keeping=False) as (chat, caller):
        assert await in_time(caller.poll("1")) == 200
        await caller.beat()
        assert await in_time(caller.poll("2")) == 200
        assert chat.gone == []
        assert await in_time(caller.poll("2")) in {400, 404}
        assert chat.gone == ["lost"]


@pytest.mark.parametrize("name", WIRES)
async def test_polls_that_are_stamped_alike_on_one_line_are_answered(name: str) -> None:
    async with calling(name, keeping=True) as (chat, caller):
        assert await in_time(caller.poll("1")) == 200
        await caller.beat()
        assert await in_time(caller.poll("1")) == 200
        assert chat.gone == []
