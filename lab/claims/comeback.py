"""Among the claims: python-socketio's client as a member who reconnects by himself and rejoins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio

RECONNECTION_S = 0.05


class Comeback:
    """A member whose library reconnects. On each connection he joins, as an application has to.

    `resumes`: he then names the last event that he has seen (`after`), and gets what he missed.
    """

    def __init__(self, http: aiohttp.ClientSession, room: str, resumes: bool) -> None:
        self.heard: list[str] = []
        self.joined: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        """The room's answer to each join."""
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
        # Another name each time: the server may not have noticed yet that the last line is dead.
        self._connections += 1
        command = {"room": self._room, "name": f"ben {self._connections}"}
        resume = {"after": self._last_seq} if self._resumes and self._connections > 1 else {}
        await self.client.emit("join", {**command, **resume}, callback=self.joined.put_nowait)

    def _saw(self, name: str, event: dict[str, Any]) -> None:
        self._last_seq = max(self._last_seq, event.get("seq", 0))
        if name == "message":
            self.heard.append(event["text"])


@asynccontextmanager
async def comeback(url: str, room: str, resumes: bool) -> AsyncIterator[Comeback]:
    """A member of the room at `url` for as long as the context lasts."""
    async with aiohttp.ClientSession() as http:
        member = Comeback(http, room, resumes)
        await member.client.connect(url)
        try:
            await member.joined.get()
            yield member
        finally:
            await member.client.disconnect()
