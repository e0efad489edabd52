"""Shared by the wires on aiohttp: listening, and an end that does not wait for a dead peer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from lab.contract import ServeOptions
from transports._serving import BACKLOG, CLOSE_TIMEOUT_S


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
