"""The client of the native transports, on the library `websockets`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectionClosedError, ConnectOptions, Heartbeat
from transports._native import server as native
from transports._native.deflate import deflate
from transports._shared.serving import CLOSE_TIMEOUT_S
from transports._shared.tls import client_context

LIBRARY_HEARTBEAT = Heartbeat(interval_s=20, timeout_s=20)
"""The default of the library, which its client and its server use under `stock`."""


async def connect_native(
    url: str,
    on_event: Callable[[RoomEvent], None],
    options: ConnectOptions,
    connecting: Callable[..., connect] = connect,
    release: Callable[[], Awaitable[None]] | None = None,
) -> Connection:
    """See `Transport.connect`.

    Args:
        connecting: the library's way to connect, or one like it.
        release: called when the WebSocket has ended, for what carried it.
    """
    try:
        ws = await connecting(
            url,
            open_timeout=options.timeout_s,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=options.frame_bytes,
            additional_headers=options.headers,
            proxy=None,
            ssl=client_context(options.tls),
            **_client_settings(options),
        )
    except websockets.InvalidHandshake as refused:
        raise ConnectionRefusedError(str(refused)) from refused
    return _Connection(ws, on_event, release)


def _client_settings(options: ConnectOptions) -> dict[str, Any]:
    # Engine.IO's heartbeat comes from the server alone; `equal` follows it.
    heartbeat = {} if options.settings == "stock" else {"ping_interval": None}
    return {**heartbeat, **deflate(options, ClientPerMessageDeflateFactory)}


class _Connection(native.NativeConnection):
    """The client, with one task that reads."""

    def __init__(
        self,
        ws: ClientConnection,
        on_event: Callable[[RoomEvent], None],
        release: Callable[[], Awaitable[None]] | None,
    ) -> None:
        super().__init__(on_event)
        self._ws = ws
        self._release = release
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            while True:
                self.received_text(await self._ws.recv(decode=False))
        except websockets.ConnectionClosed as closed:
            self._ended(str(closed))
        finally:
            if self._release is not None:
                await self._release()

    async def send_text(self, text: str) -> None:
        self._check_open()
        try:
            await self._ws.send(text)
        except websockets.ConnectionClosed as closed:
            raise ConnectionClosedError(str(closed)) from None

    async def close(self) -> None:
        await self._ws.close()
        await self._reading
