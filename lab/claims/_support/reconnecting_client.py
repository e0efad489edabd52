"""A member that uses python-socketio's client: it reconnects by itself and joins again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio

RECONNECTION_S = 0.05


class ReconnectingClient:
    """A member whose library reconnects. It joins on each connection, as an application has to.

    `resumes`: the member then sends the `seq` of the last event it received (`after`), and the room
    sends it what it missed.
    """

    def __init__(self, http: aiohttp.ClientSession, room: str, resumes: bool) -> None:
        self.heard: list[str] = []
        self.joined: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        """The room's reply to each join."""
        self._room = room
        self._resumes = resumes
        self._connections = 0
        self._last_seq = 0
        self.client = socketio.AsyncClient(
            reconnection_delay=RECONNECTION_S,
            randomization_factor=0,
            handle_sigint=False,
            http_session=http,
        )
        self.client.on("connect", self._join)
        self.client.on("*", self._saw)

    async def _join(self) -> None:
        # A new name each time: the server may not know yet that the last connection is dead.
        self._connections += 1
        command = {"room": self._room, "name": f"ben {self._connections}"}
        resume = {"after": self._last_seq} if self._resumes and self._connections > 1 else {}
        await self.client.emit("join", {**command, **resume}, callback=self.joined.put_nowait)

    def _saw(self, name: str, event: dict[str, Any]) -> None:
        self._last_seq = max(self._last_seq, event.get("seq", 0))
        if name == "message":
            self.heard.append(event["text"])


@asynccontextmanager
async def reconnecting_client(
    url: str, room: str, resumes: bool
) -> AsyncIterator[ReconnectingClient]:
    """Yield a member of the room at `url`; it disconnects when the context ends."""
    async with aiohttp.ClientSession() as http:
        member = ReconnectingClient(http, room, resumes)
        await member.client.connect(url)
        try:
            await member.joined.get()
            yield member
        finally:
            await member.client.disconnect()
