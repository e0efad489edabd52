"""The transport `socketio-redis-manager`: python-socketio, joined by its `AsyncRedisManager`.

Each emit is published on one channel of Redis, `socketio`. Each node reads the channel, and decodes
every emit of every room, its own too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from lab.contract import Capability, Chat, ServeOptions
from transports._cluster.application import Application
from transports._shared import aiohttp as aiohttp_server
from transports._shared import extras
from transports._socketio import payload_limit
from transports._socketio.transport import CAPABILITIES, SocketioTransport

LACKING = {Capability.ROOM, Capability.SHARED_ROOM}


class RedisManager(SocketioTransport):
    """python-socketio's servers, joined through one channel of Redis."""

    name = "socketio-redis-manager"
    summary = "python-socketio with AsyncRedisManager: one channel of Redis for all rooms"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES - LACKING

    def __init__(self, backplane: str) -> None:
        """`backplane`: the URL of the Redis server."""
        self._backplane = backplane

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return extras.missing("redis")

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[Application]:  # type: ignore[override]
        """See `Transport`. It uses only the limits of `chat`: the rooms are the library's."""
        application = Application(self._backplane, chat.limits, options, self.transports)
        app = web.Application(client_max_size=chat.limits.frame_bytes)
        application.sio.attach(app)
        app.on_shutdown.append(application.shut_down)
        payload_limit.use(application, options.settings)
        try:
            async with aiohttp_server.listening(app, options) as port:
                application.address = self.address_at(options, port)
                yield application
        finally:
            await application.stop()
            payload_limit.release(application)
