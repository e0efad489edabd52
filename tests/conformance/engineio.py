"""A client of Engine.IO 4 without a library: in frames or in POSTs."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from lab.contract import Address
from lab.handshakes.request import Request
from tests.conformance import raw
from tests.conformance.client import PATIENCE_S, in_time
from tests.conformance.raw import BINARY, TEXT, frame

PING, PONG = "2", "3"
SEPARATOR = "\x1e"
"""Between the packets of one payload."""


class Session(ABC):
    """One session of Engine.IO."""

    @abstractmethod
    async def send(self, packet: str | bytes) -> bool:
        """Send one packet. False if the server answers with an error."""

    @abstractmethod
    def packets(self) -> AsyncIterator[str]:
        """Each received packet, until the session ends."""

    async def until(self, beginning: str) -> list[str] | None:
        """The packets up to one that begins like this; None if the session ends before."""
        seen: list[str] = []
        async for packet in self.packets():
            seen.append(packet)
            if packet == PING:
                await self.send(PONG)
            if packet.startswith(beginning):
                return seen
        return None

    async def enter(self) -> None:
        """Enter the main namespace, and the room `den`."""
        await self.send("40")
        assert await self.until("40{") is not None  # a command that comes earlier ends it in Node
        await self.send('421["join",{"room":"den","name":"raw"}]')
        seen = await self.until("431[")
        assert seen is not None and '"joined"' in seen[-1]


class Frames(Session):
    """A session on a WebSocket."""

    def __init__(self, connection: raw.RawConnection) -> None:
        self._connection = connection
        self._texts = connection.texts()

    async def send(self, packet: str | bytes) -> bool:
        opcode, data = (TEXT, packet.encode()) if isinstance(packet, str) else (BINARY, packet)
        self._connection.send(frame(opcode, data))
        return True

    async def packets(self) -> AsyncIterator[str]:
        async for text in self._texts:
            yield text


class Posts(Session):
    """A session that uses HTTP only."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url

    async def send(self, packet: str | bytes) -> bool:
        return await self.post(packet) == 200

    async def post(self, *packets: str | bytes) -> int:
        """POST a payload; returns the status of the answer."""
        texts = [p if isinstance(p, str) else "b" + b64encode(p).decode() for p in packets]
        async with self._http.post(self.url, data=SEPARATOR.join(texts)) as response:
            await in_time(response.read())
            return response.status

    async def poll(self) -> str | None:
        """The payload of the next poll; None if it is refused."""
        async with self._http.get(self.url) as response:
            text: str = await in_time(response.text())
            return text if response.status == 200 else None

    @asynccontextmanager
    async def waiting_poll(
        self,
    ) -> AsyncIterator[asyncio.StreamReader]:
        """A poll that waits on its own connection. The caller reads its response to the end."""
        parts = urlsplit(self.url)
        head = {"Host": parts.netloc, "Connection": "close"}
        request = Request("GET", f"{parts.path}?{parts.query}", head)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(request.encode())
            # A server may read from the connections that it has before it accepts another. When it
            # has answered the first, it has accepted that one too; libuv asks the kernel for its
            # bytes in the next turn of the loop only. When it has answered the second, that turn
            # is over.
            for _ in range(2):
                assert await self.send(PONG)
            yield reader
        finally:
            writer.transport.abort()

    async def packets(self) -> AsyncIterator[str]:
        while (payload := await self.poll()) is not None:
            for packet in payload.split(SEPARATOR):
                yield packet


@asynccontextmanager
async def in_frames(address: Address) -> AsyncIterator[Session]:
    """A session that begins on a WebSocket."""
    assert address.websocket_url is not None
    async with raw.upgraded(address.websocket_url) as connection:
        yield Frames(connection)


@asynccontextmanager
async def in_posts(address: Address) -> AsyncIterator[Posts]:
    """A polling session."""
    url = f"http://{address.host}:{address.port}/socket.io/?EIO=4&transport=polling"
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        session = Posts(http, url)
        opening = await session.poll()
        assert opening is not None
        session.url = f"{url}&sid={json.loads(opening[1:])['sid']}"
        yield session
