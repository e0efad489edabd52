"""Sessions of Engine.IO 4, as clients open them: by polling, by WebSocket, by both.

A session connects to namespaces; nothing else in it belongs to the application.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from lab.handshakes.link import RawConnection
from lab.handshakes.request import Request
from lab.probe.client import NO_ANSWER, Client
from lab.probe.exchange import HttpExchange
from lab.probe.findings import Namespace
from lab.probe.packets import (
    CLOSE,
    PING,
    PONG,
    PROBE,
    PROBED,
    SEPARATOR,
    UPGRADE,
    connect_packet,
    query,
    read_admission,
    read_open,
)
from lab.probe.response import Response
from lab.probe.websocket import Opened, opening, upgrade

VERSION = 4
MOST_POLLS = 8
"""A server that answers so many polls without the packet that is waited for won't send it."""


class Session(Protocol):
    """One session. `data`: what its open packet says; None where there was none."""

    data: dict[str, Any] | None
    answer: Response
    unasked: list[str | bytes]

    @property
    def connections(self) -> list[RawConnection]: ...

    async def connect(self, namespace: str, auth: Any = None) -> Namespace: ...


class PollingSession:
    """A session by HTTP alone."""

    def __init__(self, client: Client, path: str, exchange: HttpExchange) -> None:
        self.data: dict[str, Any] | None = None
        self.answer = Response()
        self.unasked: list[str | bytes] = []
        self.exchange = exchange
        self.client = client
        self.left = False
        """It has ended, or goes on by WebSocket."""
        self._path = path

    @property
    def connections(self) -> list[RawConnection]:
        """Every TCP connection of it."""
        return self.exchange.connections

    @property
    def resource(self) -> str:
        """What its requests ask for."""
        sid = str(self.data["sid"]) if self.data else ""
        return f"{self._path}?{query(VERSION, 'polling', sid)}"

    async def open(self) -> None:
        """Ask for a session."""
        self.answer = await self.exchange.ask(self.client.request(self.resource))
        first, *others = self.answer.text.split(SEPARATOR)
        if self.answer.status == 200:
            self.data = read_open(first)
            self.unasked += others

    async def connect(self, namespace: str, auth: Any = None) -> Namespace:
        """Ask for a namespace, and poll for the answer."""
        posted = await self.post(connect_packet(namespace, auth))
        if posted.status != 200:
            return Namespace(namespace, None, _refusal("a POST", posted))
        for _ in range(MOST_POLLS):
            polled = await self.exchange.ask(self.client.request(self.resource))
            if polled.status != 200:
                return Namespace(namespace, None, _refusal("a poll", polled))
            packets = polled.text.split(SEPARATOR)
            self.unasked += packets
            for admission in (read_admission(packet, namespace) for packet in packets):
                if admission is not None:
                    return admission
            if PING in packets:
                await self.post(PONG)
        return Namespace(namespace, None, NO_ANSWER)

    async def post(self, packet: str) -> Response:
        """Send a packet."""
        return await self.exchange.ask(post(self.client, self.resource, packet))


def _refusal(what: str, response: Response) -> str:
    silent = response.problem == NO_ANSWER
    return NO_ANSWER if silent else f"{what} is answered with {response}"


def post(client: Client, resource: str, packet: str) -> Request:
    """The request that carries a packet (Engine.IO protocol, "HTTP long-polling")."""
    headers = {"Content-Type": "text/plain;charset=UTF-8"}
    request = client.request(resource, headers, method="POST")
    return request._replace(body=packet.encode())


class FramesSession:
    """A session whose packets go in WebSocket messages."""

    def __init__(self, client: Client, opened: Opened) -> None:
        self.data: dict[str, Any] | None = None
        self.answer = opened.response
        self.unasked: list[str | bytes] = []
        self.connections = [opened.connection]
        self.frames = opened.frames
        self._patience_s = client.patience_s

    async def open(self) -> None:
        """Wait for the open packet."""
        first = await self._next()
        if isinstance(first, str):
            self.data = read_open(first)

    async def prove(self) -> bool:
        """Move a session here that began by polling (Engine.IO protocol, "Upgrade")."""
        self.send(PROBE)
        if await self._next() != PROBED:
            return False
        self.send(UPGRADE)
        return True

    async def connect(self, namespace: str, auth: Any = None) -> Namespace:
        """Ask for a namespace, and wait for the answer."""
        self.send(connect_packet(namespace, auth))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                while (packet := await self._next()) is not None:
                    found = read_admission(packet, namespace) if isinstance(packet, str) else None
                    if found is not None:
                        return found
                    self.unasked.append(packet)
        return Namespace(namespace, None, NO_ANSWER)

    async def listen(self, duration_s: float) -> None:
        """Keep what comes for a while, and answer pings."""
        with suppress(TimeoutError):
            async with asyncio.timeout(duration_s):
                while (packet := await self._next(duration_s)) is not None:
                    self.unasked.append(packet)

    def send(self, packet: str) -> None:
        """Send a packet."""
        if self.frames is not None:
            self.frames.send(packet)

    async def _next(self, patience_s: float | None = None) -> str | bytes | None:
        """The next packet; a ping is answered and is none."""
        if self.frames is None:
            return None
        while (packet := await self.frames.next(patience_s or self._patience_s)) == PING:
            self.send(PONG)
        return packet


@asynccontextmanager
async def by_polling(client: Client, path: str) -> AsyncIterator[PollingSession]:
    """Open a session by polling, and close it in the end."""
    async with HttpExchange(client) as exchange:
        session = PollingSession(client, path, exchange)
        await session.open()
        yield session
        if session.data is not None and not session.left:
            await session.post(CLOSE)


@asynccontextmanager
async def by_websocket(client: Client, path: str) -> AsyncIterator[FramesSession]:
    """Open a session by WebSocket at once, and close it in the end."""
    async with client.dial() as connection:
        resource = f"{path}?{query(VERSION, 'websocket')}"
        session = FramesSession(
            client, await upgrade(client, connection, opening(client, resource))
        )
        await session.open()
        yield session
        _leave(session)


@asynccontextmanager
async def by_upgrade(client: Client, path: str) -> AsyncIterator[FramesSession]:
    """Open a session by polling, move it to a WebSocket, and close it in the end.

    `data` is None where one of the steps fails.
    """
    async with by_polling(client, path) as polling:
        sid = str((polling.data or {}).get("sid", ""))
        request = opening(client, f"{path}?{query(VERSION, 'websocket', sid)}")
        opened = await polling.exchange.switch(request)
        polling.left = opened.frames is not None
        session = FramesSession(client, opened)
        session.connections = polling.connections
        if polling.data is not None and await session.prove():
            session.data = polling.data
        yield session
        _leave(session)


def _leave(session: FramesSession) -> None:
    if session.frames is not None:
        session.send(CLOSE)
        session.frames.leave()
