"""Serve HTTP with aiohttp, and stop without waiting for a dead peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
from aiohttp import WSCloseCode, web

from lab.compression import CompressionChoices, chosen
from lab.contract import ClientTls, ConnectOptions, ServeOptions
from transports._shared.accepting import Listen, over_tcp
from transports._shared.aiohttp_admission import guarding
from transports._shared.aiohttp_requests import RequestsInTime
from transports._shared.origin import Admission
from transports._shared.serving import CLOSE_TIMEOUT_S, bound
from transports._shared.tls import client_context

FIRST_UNDEFINED_CODE = 5000
"""RFC 6455 section 7.4.2: close codes end at 4999."""
FIELD_BYTES_MAX = 16 << 10
"""Node's limit for all headers. A browser sends a host the cookies of all its ports."""

WEBSOCKET_COMPRESSION = CompressionChoices(
    stock="permessage-deflate where offered, level 1; aiohttp's client does not offer it",
    levels=(1, 1),
    forgets=False,
    note="the client's own window is 15",
)
"""aiohttp's server takes the window of the client's offer, and has no option for the rest."""


def offered_window(options: ConnectOptions) -> int:
    """The window that a client on aiohttp offers for the server's messages; 0: no compression."""
    used = chosen(options.compression, options.settings)
    return used.window if used.kind == "set" else 0


@asynccontextmanager
async def listening(
    app: web.Application,
    options: ServeOptions,
    *,
    handler_cancellation: bool = False,
    over: Callable[[ServeOptions], AbstractAsyncContextManager[Listen]] = over_tcp,
) -> AsyncIterator[int]:
    """Serve `app` to the admitted requests until the context is left. Yields the port.

    With `handler_cancellation`, a handler is cancelled when its client is gone. `over`: what
    carries the connections.

    Raises:
        OSError: the server can't listen on that address.
    """
    app.middlewares.insert(0, guarding(Admission(options)))
    runner = web.AppRunner(
        app,
        shutdown_timeout=CLOSE_TIMEOUT_S,
        handler_cancellation=handler_cancellation,
        max_field_size=FIELD_BYTES_MAX,
    )
    await runner.setup()
    server = runner.server
    assert server is not None

    def connection() -> asyncio.Protocol:
        return RequestsInTime(server, options.request_timeout_s)

    async with over(options) as listen:
        try:
            with await bound(options.host, options.port) as sock, listen(sock, connection):
                yield sock.getsockname()[1]
        finally:
            await runner.cleanup()


def session(tls: ClientTls | None) -> aiohttp.ClientSession:
    """Return an HTTP session whose connections are checked as `tls` says."""
    context = client_context(tls)
    if context is None:
        return aiohttp.ClientSession()
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


def unrepeating(tls: ClientTls | None) -> aiohttp.ClientSession:
    """Return an HTTP session that does not repeat a GET by itself.

    If a TCP connection breaks, aiohttp repeats an idempotent request on a new one. A poll is a GET,
    but not idempotent: the packets in the first answer are lost, the session goes on, and the
    client does not see the gap. Without the repetition the chat connection ends, and the client
    resumes from the room's log.
    """
    made = session(tls)
    made._retry_connection = False  # aiohttp's own test client sets it so; there is no option
    return made


async def answer_close(ws: web.WebSocketResponse, code: int) -> None:
    """Answer a close frame that aiohttp leaves to us (`autoclose=False`).

    aiohttp refuses the codes that an endpoint must not send, except for two kinds: 1006, which
    means that there was no close frame (RFC 6455 section 7.4.1), and codes from 5000 on, which are
    undefined (7.4.2). This function refuses them.
    """
    right = code != WSCloseCode.ABNORMAL_CLOSURE and code < FIRST_UNDEFINED_CODE
    # No draining: the peer may cut the connection right after its close frame.
    await ws.close(code=WSCloseCode.OK if right else WSCloseCode.PROTOCOL_ERROR, drain=False)
