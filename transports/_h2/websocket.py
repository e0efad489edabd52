"""The client of a WebSocket over HTTP/2 (RFC 8441): the library `websockets` on a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions
from transports._h2.client import Shared
from transports._native.client import connect_native


class _OverHttp2(connect):
    """Connects over a stream of HTTP/2 in place of a TCP connection."""

    def __init__(self, shared: Shared, uri: str, **options: Any) -> None:
        super().__init__(uri, **options)
        self._shared = shared

    async def open_tcp_connection(self) -> ClientConnection:
        found = await self._shared.connection(self.ws_uri.host, self.ws_uri.port)
        if not await asyncio.shield(found.announced):
            # RFC 8441 section 3: without the setting an extended CONNECT must not be sent.
            raise ConnectionRefusedError("the server takes no WebSocket over HTTP/2 (RFC 8441)")
        return found.open(self.factory(self.ws_uri))


async def connect_over_http2(
    url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
) -> Connection:
    """See `Transport.connect`. `options.pool`: the TCP connection to share, a `Shared`."""
    if options.pool is not None:
        return await connect_native(url, on_event, options, partial(_OverHttp2, options.pool))
    own = Shared(options.tls)
    try:
        return await connect_native(url, on_event, options, partial(_OverHttp2, own), own.close)
    except BaseException:
        await own.close()
        raise
