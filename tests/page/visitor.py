"""A page as its tests have it: the control connection, and what has been told over it so far."""

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
from lab.contract import Connection, ConnectOptions
from lab.page import Page, PageOptions, open_page
from transports import registry

PATIENCE_S = 30.0

Told = dict[str, Any]


class Refused(Exception):
    """An ask failed."""

    def __init__(self, answer: Told) -> None:
        super().__init__(answer)
        self.code = answer["code"]
        self.reason = answer["reason"]


class Visitor:
    """One page's control connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.told: list[Told] = []
        self.hello: Told = {}
        self._id = 0
        self._connections: list[Connection] = []
        self._heard = asyncio.Condition()
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            async with self._heard:
                self.told.append(json.loads(message.data))
                self._heard.notify_all()

    async def first(self, wanted: Callable[[Told], bool]) -> Told:
        """The first of what was, or will be, told that is like this."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(lambda: any(map(wanted, self.told)))
        return next(filter(wanted, self.told))

    async def latest(self, kind: str, line: str, wanted: Callable[[Told], bool]) -> Told:
        """The latest of a kind about a line, once it is like this."""

        def found() -> list[Told]:
            mine = [t for t in self.told if t["type"] == kind and t.get("line") == line]
            return mine[-1:] if mine and wanted(mine[-1]) else []

        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(found)
        return found()[0]

    async def ask(self, kind: str, **fields: Any) -> Told:
        """Ask, and what it was answered with. Raises Refused."""
        self._id += 1
        number = self._id
        await self.socket.send_json({"type": kind, "id": number, **fields})
        answer = await self.answer(number)
        if answer["type"] == "failed":
            raise Refused(answer)
        return answer

    async def answer(self, number: int | None) -> Told:
        return await self.first(
            lambda told: told["type"] in ("done", "failed") and told["id"] == number
        )

    async def line(self, wire: str) -> tuple[str, str]:
        """A new line: its name and its URL."""
        done = await self.ask("open", wire=wire)
        return done["line"], done["url"]

    async def connect(self, wire: str, url: str) -> tuple[Connection, list[RoomEvent]]:
        """The wire's own client in Python, on a line."""
        heard: list[RoomEvent] = []
        connection = await registry.load(wire).connect(
            url, heard.append, ConnectOptions(timeout_s=PATIENCE_S)
        )
        self._connections.append(connection)
        return connection, heard

    async def fails(self, code: str, kind: str, **fields: Any) -> Refused:
        """Ask for what can't be had, and be told why."""
        with pytest.raises(Refused) as caught:
            await self.ask(kind, **fields)
        assert caught.value.code == code
        return caught.value

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what depends on what is told."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            while not condition():
                # What else it depends on makes no noise here.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._heard.wait(), 0.05)

    async def record(self, line: str, wanted: Callable[[Told], bool]) -> Told:
        """The first record of a line that is like this."""
        await self.until(lambda: any(map(wanted, self.records(line))))
        return next(filter(wanted, self.records(line)))

    def forget(self) -> None:
        """Leave without closing what is connected."""
        self._connections.clear()

    def records(self, line: str) -> list[Told]:
        """All records of a line so far."""
        pushed = (t for t in self.told if t["type"] == "records" and t["line"] == line)
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
    told: dict[str, Any] = {"static": static, "results": tmp_path / "results", "say": _nothing}
    async with open_page(PageOptions(**{**told, **options})) as page:
        yield page


def _nothing(_line: str) -> None: ...


@asynccontextmanager
async def visiting(page: Page, **options: Any) -> AsyncIterator[Visitor]:
    """A page that has been greeted."""
    url = page.url.replace("/?", "/control?") if "?" in page.url else f"{page.url}control"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, **options) as socket:
        visitor = Visitor(socket)
        visitor.hello = await visitor.first(lambda told: told["type"] == "hello")
        try:
            yield visitor
        finally:
            await visitor.close()
