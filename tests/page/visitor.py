"""A page for tests: a control connection, and what the server has sent over it so far."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lab.chat.events import RoomEvent
from lab.contract import ClientTls, Connection, ConnectOptions
from lab.page import Page, PageOptions, open_page
from transports import registry

PATIENCE_S = 30.0

ServerMessage = dict[str, Any]


class Refused(Exception):
    """The server refused a request."""

    def __init__(self, answer: ServerMessage) -> None:
        super().__init__(answer)
        self.code = answer["code"]
        self.reason = answer["reason"]


class Visitor:
    """One page's control connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.received: list[ServerMessage] = []
        self.hello: ServerMessage = {}
        self._id = 0
        self._connections: list[Connection] = []
        self._heard = asyncio.Condition()
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            async with self._heard:
                self.received.append(json.loads(message.data))
                self._heard.notify_all()

    async def first(self, wanted: Callable[[ServerMessage], bool]) -> ServerMessage:
        """The first message that is like this, of those that came or will come."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(lambda: any(map(wanted, self.received)))
        return next(filter(wanted, self.received))

    async def latest(
        self, kind: str, line: str, wanted: Callable[[ServerMessage], bool]
    ) -> ServerMessage:
        """The latest of a kind about a line, once it is like this."""

        def found() -> list[ServerMessage]:
            mine = [t for t in self.received if t["type"] == kind and t.get("line") == line]
            return mine[-1:] if mine and wanted(mine[-1]) else []

        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(found)
        return found()[0]

    async def request(self, kind: str, **fields: Any) -> ServerMessage:
        """Send a request; returns the answer. Raises Refused."""
        self._id += 1
        number = self._id
        await self.socket.send_json({"type": kind, "id": number, **fields})
        answer = await self.answer(number)
        if answer["type"] == "failed":
            raise Refused(answer)
        return answer

    async def answer(self, number: int | None) -> ServerMessage:
        return await self.first(
            lambda received: received["type"] in ("done", "failed") and received["id"] == number
        )

    async def link(self, transport: str) -> tuple[str, str]:
        """A new line: its name and its URL."""
        done = await self.request("open", transport=transport)
        return done["line"], done["url"]

    async def connect(
        self, transport: str, url: str, tls: ClientTls | None = None
    ) -> tuple[Connection, list[RoomEvent]]:
        """The transport's own client in Python, on a line."""
        heard: list[RoomEvent] = []
        connection = await registry.load(transport).connect(
            url, heard.append, ConnectOptions(timeout_s=PATIENCE_S, tls=tls)
        )
        self._connections.append(connection)
        return connection, heard

    async def fails(self, code: str, kind: str, **fields: Any) -> Refused:
        """Request what can't be had; returns the reason."""
        with pytest.raises(Refused) as caught:
            await self.request(kind, **fields)
        assert caught.value.code == code
        return caught.value

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition that depends on what is received."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            while not condition():
                # What else it depends on makes no noise here.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._heard.wait(), 0.05)

    async def record(self, line: str, wanted: Callable[[ServerMessage], bool]) -> ServerMessage:
        """The first record of a line that is like this."""
        await self.until(lambda: any(map(wanted, self.records(line))))
        return next(filter(wanted, self.records(line)))

    def forget(self) -> None:
        """Leave without closing what is connected."""
        self._connections.clear()

    def records(self, line: str) -> list[ServerMessage]:
        """All records of a line so far."""
        pushed = (t for t in self.received if t["type"] == "records" and t["line"] == line)
        return [record for push in pushed for record in push["records"]]

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()
        await self.socket.close()
        await self._reading


@asynccontextmanager
async def served(tmp_path: Path, **options: Any) -> AsyncIterator[Page]:
    """A page, with a folder for its files and one for its results."""
    static = tmp_path / "static"
    static.mkdir(exist_ok=True)
    (static / "index.html").write_text("<!doctype html>the page")
    (tmp_path / "secret").write_text("nobody's business")
    received: dict[str, Any] = {"static": static, "results": tmp_path / "results", "say": _nothing}
    async with open_page(PageOptions(**{**received, **options})) as page:
        yield page


def _nothing(_line: str) -> None: ...


@asynccontextmanager
async def visiting(page: Page, **options: Any) -> AsyncIterator[Visitor]:
    """A page that has been greeted."""
    url = page.url.replace("/?", "/control?") if "?" in page.url else f"{page.url}control"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, **options) as socket:
        visitor = Visitor(socket)
        visitor.hello = await visitor.first(lambda received: received["type"] == "hello")
        try:
            yield visitor
        finally:
            await visitor.close()
