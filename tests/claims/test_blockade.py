"""The proxy that refuses WebSocket: all else passes, and nothing is left open behind it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
import pytest

from lab.claims.blockade import blockade
from lab.measure.server import ServerProcess

POLL = "socket.io/?EIO=4&transport=polling"
UPGRADE = "socket.io/?EIO=4&transport=websocket"


async def ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The other side closes; by a reset, where it leaves something unread."""
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()


async def test_http_passes_and_websocket_does_not() -> None:
    with ServerProcess("socketio") as server:
        async with blockade(int(server.ready["port"])) as port, aiohttp.ClientSession() as http:
            for _ in range(2):
                async with http.get(f"http://127.0.0.1:{port}/{POLL}") as response:
                    assert response.status == 200
                    assert '"upgrades":["websocket"]' in await response.text()
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"http://127.0.0.1:{port}/{UPGRADE}")
            assert refused.value.status == 403
        async with aiohttp.ClientSession() as http:
            await (await http.ws_connect(f"{server.url}/{UPGRADE}")).close()


async def test_it_hangs_up_where_nobody_listens_behind_it() -> None:
    async with blockade(1) as port:
        await ends(*await asyncio.open_connection("127.0.0.1", port))


async def test_leaving_it_ends_what_is_open() -> None:
    with ServerProcess("socketio") as server:
        async with blockade(int(server.ready["port"])) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n")
            await writer.drain()
        await ends(reader, writer)
