"""Sessions of HTTP requests over HTTP/2: aiohttp on both sides of each stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from msgspec.structs import replace

from lab.chat.events import RoomEvent
from lab.contract import (
    Capability,
    Connection,
    ConnectOptions,
    Stack,
)
from transports._fallback.client import FallbackConnection
from transports._fallback.transport import Fallback
from transports._h2.client import Shared
from transports._h2.transport import OverHttp2
from transports._shared.versions import PYTHON, installed


class _Connector(aiohttp.BaseConnector):
    """Gives each request a stream of its own. All streams share one TCP connection."""

    def __init__(self, shared: Shared, close_shared: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(force_close=True, limit=0)
        self._shared = shared
        self._close_shared = close_shared

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        assert req.url.host is not None
        assert req.url.port is not None
        connection = await self._shared.connection(req.url.host, req.url.port)
        return connection.open(self._factory())

    def close(self, *, abort_ssl: bool = False) -> Awaitable[None]:
        return self._close_all(super().close(abort_ssl=abort_ssl))

    async def _close_all(self, streams: Awaitable[None]) -> None:
        await streams
        if self._close_shared is not None:
            await self._close_shared()


class FallbackOverHttp2(OverHttp2, Fallback):
    """A transport of `_fallback`, each of whose requests is a stream."""

    capabilities = Fallback.capabilities - {
        Capability.HTTP_1,
        Capability.HTTP_SESSION,
        Capability.COMPRESSION,
    } | {Capability.HTTP_2}
    compression = None

    def stack(self) -> Stack:
        """See `Transport`."""
        aio = installed("aiohttp")
        return Stack(language=PYTHON, server=aio, client=aio, http=installed("h2"))

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`. `options.pool`: the TCP connection to share, a `Shared`."""
        if options.pool is not None:
            connector = _Connector(options.pool, None)
        else:
            own = Shared(options.tls)
            connector = _Connector(own, own.close)
        alone = replace(options, pool=None)  # the HTTP session is this client's in either case
        connection = FallbackConnection(self, url, on_event, alone, lambda _: _session(connector))
        await connection.open()
        return connection


def _session(connector: _Connector) -> aiohttp.ClientSession:
    made = aiohttp.ClientSession(connector=connector)
    made._retry_connection = False  # see `unrepeating`
    return made
