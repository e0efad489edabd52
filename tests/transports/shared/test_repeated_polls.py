"""A poll that is repeated after a broken connection ends its session: then its client resumes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from lab.contract import Capability
from tests.conformance.client import RoomClient, in_time
from tests.conformance.served import served
from tests.transports.fallbacks import POLLING
from transports import registry
from transports._shared.repeated_polls import Polls

ENGINE_IO = {Capability.DEFAULT_PARSER, Capability.HTTP_SESSION}
TRANSPORTS = [
    name
    for name in registry.available()
    if registry.load(name).capabilities >= ENGINE_IO or name in POLLING
]


def test_only_the_last_stamp_on_another_connection_is_a_repeat() -> None:
    polls, one, other = Polls(), object(), object()
    assert not polls.repeats("1", one)
    assert polls.repeats("1", other)
    assert not polls.repeats("2", one)
    assert not polls.repeats("2", one)
    assert not polls.repeats("1", other)
    assert not polls.repeats(None, one)
    assert not polls.repeats(None, other)


class Caller:
    """A session that uses HTTP only, on as many connections as `http` makes."""

    def __init__(self, http: aiohttp.ClientSession, name: str, root: str) -> None:
        self.http = http
        self.name = name
        self.root = root
        self.url = ""

    async def open(self) -> None:
        """Open a session, so that a packet waits for the first poll."""
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
        await self._post(b"40")

    async def send(self, name: str, payload: dict[str, str]) -> None:
        """Send a command. Its reply waits for the next poll."""
        if self.name in POLLING:
            said = "4:::" + json.dumps({"type": name, "id": 1, **payload})
            body = POLLING[self.name].encode_up(said.encode())
        else:
            body = f"421{json.dumps([name, payload])}".encode()
        await self._post(body)

    async def _post(self, body: bytes) -> None:
        headers = {} if self.name in POLLING else {"Content-Type": "text/plain;charset=UTF-8"}
        async with self.http.post(self.url, data=body, headers=headers) as response:
            assert response.status == 200

    async def poll(self, stamp: str) -> int:
        """Poll once. Returns the status of the answer."""
        query = dict(POLLING[self.name].query) if self.name in POLLING else {}
        params = {**query, "t": stamp}
        async with self.http.get(self.url, params=params) as response:
            await response.read()
            return response.status


@asynccontextmanager
async def calling(name: str, *, keeping: bool) -> AsyncIterator[tuple[RoomClient, Caller]]:
    """A caller in a room, and another member that sees it there.

    With `keeping`, all requests of the caller use one connection. Without, each has its own.
    """
    connector = aiohttp.TCPConnector(limit=1, force_close=not keeping)
    timeout = aiohttp.ClientTimeout(total=30)
    async with (
        served(registry.load(name)) as s,
        aiohttp.ClientSession(connector=connector, timeout=timeout) as http,
    ):
        client = await s.connect()
        await client.joined("den", "guest")
        caller = Caller(http, name, s.server.address.url)
        await caller.open()
        assert await in_time(caller.poll("1")) == 200
        await caller.send("join", {"room": "den", "name": "caller"})
        yield client, caller


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_poll_repeated_on_another_connection_ends_its_session(name: str) -> None:
    async with calling(name, keeping=False) as (client, caller):
        assert await in_time(caller.poll("2")) == 200
        await client.listing()
        assert client.departed("caller") is None
        assert await in_time(caller.poll("2")) in {400, 404}
        assert await client.sees_departed("caller") == "lost"


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_polls_with_one_stamp_on_one_connection_are_answered(name: str) -> None:
    async with calling(name, keeping=True) as (client, caller):
        assert await in_time(caller.poll("1")) == 200
        await caller.send("rooms", {})
        assert await in_time(caller.poll("1")) == 200
        await client.listing()
        assert client.departed("caller") is None
