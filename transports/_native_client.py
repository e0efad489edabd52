"""Shared by the native wires that have no client of their own: the library `websockets`' one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectionClosedError, ConnectOptions, Settings
from transports import _native
from transports._serving import CLOSE_TIMEOUT_S


async def connect_native(
    url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
) -> Connection:
    """See `Transport.connect`."""
    try:
        ws = await connect(
            url,
            open_timeout=options.timeout_s,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=options.frame_bytes,
            additional_headers=options.headers,
            proxy=None,
            **_client_settings(options.settings),
        )
    except websockets.InvalidHandshake as refused:
        raise ConnectionRefusedError(str(refused)) from refused
    return _Connection(ws, on_event)


def _client_settings(settings: Settings) -> dict[str, Any]:
    # Engine.IO's heartbeat comes from the server alone; `equal` follows it.
    return {} if settings == "stock" else {"compression": None, "ping_interval": None}


class _Connection(_native.NativeConnection):
    """The client's side: one task that reads."""

    def __init__(self, ws: ClientConnection, on_event: Callable[[RoomEvent], None]) -> None:
        super().__init__(on_event)
        self._ws = ws
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            while True:
                self.received_text(await self._ws.recv(decode=False))
        except websockets.ConnectionClosed as closed:
            self._ended(str(closed))

    async def send_text(self, text: str) -> None:
        self._check_open()
        try:
            await self._ws.send(text)
        except websockets.ConnectionClosed as closed:
            raise ConnectionClosedError(str(closed)) from None

    async def close(self) -> None:
        await self._ws.close()
        await self._reading
