"""Shared by the wires with a socket: how patient a server is, and how it ends a clogged line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

CLOSE_TIMEOUT_S = 1.0
"""How long the other side has to answer a goodbye; the libraries' own patience is 10 to 60 s."""

CLIENT_GOODBYE_S = 0.9
"""How long a client's own goodbye may take before its tasks are ended by force."""

BACKLOG = 4096
"""Connections that the kernel may hold until they are accepted, the same on every wire. At the
libraries' 100 or 128, a crowd that answers its heartbeats by new connections is turned away."""


async def close_or_abort(closing: Awaitable[object], abort: Callable[[], object]) -> None:
    """Await the wire's own goodbye; where the line is clogged, cut it.

    A close frame waits behind the unsent bytes, and a peer that does not read never gets it.
    """
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await closing
    except TimeoutError:
        abort()
