"""The proxy that refuses WebSocket: other requests pass, and no connection stays open."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
import pytest

from lab.claims._support.websocket_blocker import websocket_blocker
from lab.measure.server import ServerProcess

POLL = "socket.io/?EIO=4&transport=polling"
UPGRADE = "socket.io/?EIO=4&transport=websocket"


async def ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The other side closes; by a reset if it leaves bytes unread."""
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()


async def test_http_passes_and_websocket_is_refused() -> None:
    with ServerProcess("socketio") as server:
        async with (
            websocket_blocker(int(server.ready["port"])) as port,
            aiohttp.ClientSession() as http,
        ):
            for _ in range(2):
                async with http.get(f"http://127.0.0.1:{port}/{POLL}") as response:
                    assert response.status == 200
                    assert '"upgrades":["websocket"]' in await response.text()
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"http://127.0.0.1:{port}/{UPGRADE}")
            assert refused.value.status == 403
        async with aiohttp.ClientSession() as http:
            await (await http.ws_connect(f"{server.url}/{UPGRADE}")).close()


async def test_it_closes_where_no_server_listens() -> None:
    async with websocket_blocker(1) as port:
        await ends(*await asyncio.open_connection("127.0.0.1", port))


async def test_leaving_the_context_closes_open_connections() -> None:
    with ServerProcess("socketio") as server:
        async with websocket_blocker(int(server.ready["port"])) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n")
            await writer.drain()
        await ends(reader, writer)
