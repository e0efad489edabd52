"""Shared by the wires on aiohttp: listening, and an end that does not wait for a dead peer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from lab.contract import ServeOptions
from transports._serving import BACKLOG, CLOSE_TIMEOUT_S


@asynccontextmanager
async def listening(
    app: web.Application, options: ServeOptions, *, handler_cancellation: bool = False
) -> AsyncIterator[int]:
    """Serve `app` until the context is left; yields the port.

    With `handler_cancellation` a handler whose client is gone is cancelled.

    Raises:
        OSError: the address can't be listened on.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=CLOSE_TIMEOUT_S,
        handler_cancellation=handler_cancellation,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port, backlog=BACKLOG)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def unrepeating() -> aiohttp.ClientSession:
    """HTTP that does not repeat a GET by itself.

    When a line breaks, aiohttp repeats an idempotent request on a new connection. A poll is not
    idempotent: the packets of the first answer are gone, the session lives on, and nobody learns
    of the gap. Here the break ends the connection, which is then resumed from the room's log.
    """
    session = aiohttp.ClientSession()
    session._retry_connection = False  # aiohttp's own test client sets it so; there is no option
    return session
