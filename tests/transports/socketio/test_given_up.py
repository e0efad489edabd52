"""A client that is given up before it has connected leaves nothing, and says why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lab.contract import Connection, ConnectOptions
from transports import registry

OPENED = '0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}'
Upgrade = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(upgrade: Upgrade) -> AsyncIterator[str]:
    """A server that opens a session by polling, and then does something else with the upgrade."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.query["transport"] == "websocket":
            return await upgrade(request)
        return web.Response(text=OPENED)

    app = web.Application()
    app.router.add_get("/socket.io/", answer)
    async with TestServer(app, shutdown_timeout=0) as server:
        yield str(server.make_url("/"))


async def connected(url: str, options: ConnectOptions) -> Connection:
    return await registry.load("socketio").connect(url, lambda _: None, options)


async def test_a_server_that_never_upgrades_is_given_up() -> None:
    """The library has opened the session then, and reads nothing yet."""
    upgrading, never = asyncio.Event(), asyncio.Event()

    async def upgrade(_: web.Request) -> web.StreamResponse:
        upgrading.set()
        await never.wait()
        return web.Response()

    async with serving(upgrade) as url:
        with pytest.raises(TimeoutError):
            await connected(url, ConnectOptions(timeout_s=0.5))
        assert upgrading.is_set()


async def test_a_server_that_ends_the_upgrade_is_a_lost_connection() -> None:
    async def upgrade(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        await socket.close()
        return socket

    async with serving(upgrade) as url:
        with pytest.raises(ConnectionError, match="ended while it upgraded"):
            await connected(url, ConnectOptions())
