"""Shared by the wires on aiohttp: listening, and closing without waiting for a dead peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from lab.contract import ServeOptions

CLOSE_TIMEOUT_S = 1.0
"""How long the other side has to answer a goodbye; aiohttp's own patience is 10 to 60 s."""

BACKLOG = 4096
"""Connections that the kernel may hold until they are accepted, as on the other wires. At aiohttp's
128 a crowd that answers its heartbeats by new connections is turned away."""


@asynccontextmanager
async def listening(app: web.Application, options: ServeOptions) -> AsyncIterator[int]:
    """Serve `app` until the context is left; yields the port.

    Raises:
        OSError: the address can't be listened on.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_TIMEOUT_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port, backlog=BACKLOG)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def close_or_abort(
    ws: web.WebSocketResponse, transport: asyncio.Transport | None, code: int, message: bytes
) -> None:
    """Close a WebSocket; where its line is clogged, cut it.

    A close frame waits behind the unsent bytes, and a peer that does not read never gets it.
    """
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await ws.close(code=code, message=message)
    except TimeoutError:
        if transport is not None:
            transport.abort()
