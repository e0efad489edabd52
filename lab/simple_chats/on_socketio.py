"""A simple chat on Socket.IO, in Python with `python-socketio`."""

from __future__ import annotations

from collections.abc import Callable

import socketio
from aiohttp import web


class Chat:
    """The server. Start it by `aiohttp.web.run_app(Chat().app)`."""

    def __init__(self) -> None:
        self.app = web.Application()
        self.io = socketio.AsyncServer(async_mode="aiohttp")
        self.io.attach(self.app)
        self.io.on("join", self.join)
        self.io.on("message", self.message)

    async def join(self, sid: str, room: str) -> None:
        """Put a client into a room."""
        await self.io.enter_room(sid, room)

    async def message(self, _sid: str, room: str, text: str) -> None:
        """Send a text to the members of a room."""
        await self.io.emit("message", text, to=room)


class Client:
    """A member of one room; `on_message` gets each text."""

    def __init__(self, url: str, room: str, on_message: Callable[[str], None]) -> None:
        self.url = url
        self.room = room
        self.io = socketio.AsyncClient()
        self.io.on("connect", self.join)
        self.io.on("message", on_message)

    async def run(self) -> None:
        """Stay in the room."""
        try:
            await self.io.connect(self.url)
            await self.io.wait()
        finally:
            await self.io.shutdown()

    async def join(self) -> None:
        """Join, on each connection anew."""
        await self.io.emit("join", self.room)

    async def say(self, text: str) -> None:
        """Send a text to the room."""
        await self.io.emit("message", (self.room, text))
