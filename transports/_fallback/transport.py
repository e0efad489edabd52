"""The base class of the fallback transports: everything except the format."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar

from aiohttp import web
from msgspec.structs import replace

from lab.chat.events import RoomEvent
from lab.compression import CompressionChoices
from lab.contract import (
    Address,
    Capability,
    Chat,
    ClientTls,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports._fallback.client import GATHERED_BYTES, FallbackConnection
from transports._fallback.format import Format, Streaming
from transports._fallback.server import FallbackServer
from transports._fallback.session import Timeouts
from transports._shared import aiohttp as aiohttp_server
from transports._shared.accepting import Listen, over_tcp
from transports._shared.tls import scheme
from transports._shared.versions import PYTHON, installed

POLLING_DURATION_S, HEARTBEAT_INTERVAL_S = 20, 25
HEARTBEAT_TIMEOUT_S = CLOSE_TIMEOUT_S = 60
"""Defaults of Socket.IO 0.9 (`lib/manager.js`). A poll is itself the sign of life: it sends no
heartbeats."""


GZIP = CompressionChoices(stock="none", note="gzip of what the server sends")
"""The lab's own: aiohttp's would hold back the events of a stream."""
GZIP_EACH = replace(GZIP, forgets=False)
"""Of polls: each response is compressed alone."""


class Fallback(Format, Transport):
    """One fallback. Its own file defines the format, as `Polling` or as `Streaming`."""

    capabilities = frozenset(
        {
            Capability.ROOM,
            Capability.SOCKET,
            Capability.TCP,
            Capability.HTTP_1,
            Capability.SHARED_ROOM,
            Capability.HTTP_SESSION,
            Capability.KEPT_ALIVE,
            Capability.HEARTBEAT,
            Capability.PAUSES,
            Capability.BOUNDED_QUEUE,
            Capability.FRAME_LIMIT,
            Capability.ORIGIN,
            Capability.DESCRIPTORS,
            Capability.COMPRESSION,
        }
    )
    compression: ClassVar[CompressionChoices | None] = GZIP

    def stack(self) -> Stack:
        """See `Transport`."""
        aio = installed("aiohttp")
        return Stack(language=PYTHON, server=aio, client=aio, http=aio)

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        timeouts = self._timeouts(ServeOptions(settings=settings))
        each = "by the server" if isinstance(self, Streaming) else "by the end of the poll"
        return {
            "compression": "none",
            "heartbeat": f"{timeouts.beat_s:g} s + {timeouts.answer_s:g} s, {each}",
            "commands": f"one POST at a time, up to {GATHERED_BYTES // 1024} KiB gathered",
        }

    def over(self, options: ServeOptions) -> AbstractAsyncContextManager[Listen]:
        """What carries the connections of a server."""
        return over_tcp(options)

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[FallbackServer]:
        """See `Transport`."""
        server = FallbackServer(chat, options, self, self._timeouts(options))
        app = web.Application(client_max_size=chat.limits.frame_bytes * self.growth)
        app.add_routes(server.routes())
        app.on_shutdown.append(server.shut_down)
        async with aiohttp_server.listening(
            app, options, handler_cancellation=True, over=self.over
        ) as port:
            url = f"{scheme('http', options.tls)}://{netloc(options.host, port)}"
            server.address = Address(url, options.host, port)
            yield server

    @asynccontextmanager
    async def pool(self, tls: ClientTls | None = None) -> AsyncIterator[Any]:
        """See `Transport`."""
        async with aiohttp_server.unrepeating(tls) as session:
            yield session

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        connection = FallbackConnection(self, url, on_event, options, aiohttp_server.unrepeating)
        await connection.open()
        return connection

    def _timeouts(self, options: ServeOptions) -> Timeouts:
        if options.settings == "stock":
            beat_s = HEARTBEAT_INTERVAL_S if isinstance(self, Streaming) else POLLING_DURATION_S
            return Timeouts(beat_s, CLOSE_TIMEOUT_S, (HEARTBEAT_TIMEOUT_S, CLOSE_TIMEOUT_S))
        beat = options.heartbeat
        # A 0.9 client gives up after a silence of the close timeout. A heartbeat must come first.
        announced_s = math.ceil(beat.interval_s + beat.timeout_s)
        return Timeouts(beat.interval_s, beat.timeout_s, (announced_s, announced_s))
