"""The client of `websocket-aiohttp`, and a server that ends the connection before it answers."""

from __future__ import annotations

import asyncio

import pytest

from lab.contract import ConnectOptions
from transports import registry


async def test_a_server_that_ends_during_the_handshake_is_a_lost_connection() -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(end, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        connecting = registry.load("websocket-aiohttp").connect(
            f"ws://127.0.0.1:{port}/", lambda _: None, ConnectOptions()
        )
        with pytest.raises(ConnectionError, match="Server disconnected"):
            await connecting
