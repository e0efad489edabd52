"""Shared by the fallback wires: all of the wire but its format."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from lab.chat.events import RoomEvent
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports import _aiohttp
from transports._fallback_client import GATHERED_BYTES, FallbackConnection
from transports._fallback_format import Format, Streaming
from transports._fallback_server import FallbackServer
from transports._fallback_session import Patience
from transports._versions import PYTHON, installed

POLLING_DURATION_S, HEARTBEAT_INTERVAL_S = 20, 25
HEARTBEAT_TIMEOUT_S = CLOSE_TIMEOUT_S = 60
"""The defaults of Socket.IO 0.9 (`lib/manager.js`); its polls send no heartbeats, being some."""


class Fallback(Format, Transport):
    """One fallback: its file says the format, as `Polling` or as `Streaming`."""

    capabilities = frozenset(
        {
            Capability.ROOM,
            Capability.SOCKET,
            Capability.SHARED_ROOM,
            Capability.HTTP_SESSION,
            Capability.KEPT_ALIVE,
            Capability.HEARTBEAT,
            Capability.BOUNDED_QUEUE,
            Capability.FRAME_LIMIT,
            Capability.ORIGIN,
        }
    )

    def stack(self) -> Stack:
        """See `Transport`."""
        aio = installed("aiohttp")
        return Stack(language=PYTHON, server=aio, client=aio, http=aio)

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        patience = self._patience(ServeOptions(settings=settings))
        each = "by the server" if isinstance(self, Streaming) else "by the end of the poll"
        return {
            "compression": "none",
            "heartbeat": f"{patience.beat_s:g} s + {patience.answer_s:g} s, {each}",
            "commands": f"one POST at a time, up to {GATHERED_BYTES // 1024} KiB gathered",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[FallbackServer]:
        """See `Transport`."""
        server = FallbackServer(chat, options, self, self._patience(options))
        app = web.Application(client_max_size=chat.limits.frame_bytes * self.growth)
        app.add_routes(server.routes())
        app.on_shutdown.append(server.shut_down)
        async with _aiohttp.listening(app, options, handler_cancellation=True) as port:
            url = f"http://{netloc(options.host, port)}"
            server.address = Address(url, options.host, port)
            yield server

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[aiohttp.ClientSession]:
        """See `Transport`."""
        async with _aiohttp.unrepeating() as session:
            yield session

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        connection = FallbackConnection(self, url, on_event, options)
        await connection.open()
        return connection

    def _patience(self, options: ServeOptions) -> Patience:
        if options.settings == "stock":
            beat_s = HEARTBEAT_INTERVAL_S if isinstance(self, Streaming) else POLLING_DURATION_S
            return Patience(beat_s, CLOSE_TIMEOUT_S, (HEARTBEAT_TIMEOUT_S, CLOSE_TIMEOUT_S))
        beat = options.heartbeat
        # A client of 0.9 gives up where nothing came for the close timeout: a beat has to fit in.
        told_s = math.ceil(beat.interval_s + beat.timeout_s)
        return Patience(beat.interval_s, beat.timeout_s, (told_s, told_s))
