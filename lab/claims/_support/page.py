"""A page in Chromium as a member of the room; its server is not the chat server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from lab.claims._support.ping_pong import Partner
from lab.interop.pages import BUNDLE, serving

if TYPE_CHECKING:
    from playwright.async_api import Browser

PARTNER = Path(__file__).parent / "js" / "partner.mjs"
PAGE = """<!doctype html>
<title>A member of the room</title>
<script src="/socket.io.min.js"></script>
"""
PLAY = """async ([url, room, name, transports]) => {
  const { native, partner, socketio } = await import("/partner.mjs");
  const transport = transports.length
    ? await socketio(io, url, transports)
    : await native(WebSocket, url);
  const result = await partner(transport, room, name);
  transport.close();
  return result;
}"""


@asynccontextmanager
async def page_server() -> AsyncIterator[str]:
    """Serve only the page, on a port of its own; yield the page's origin."""
    app = web.Application()
    app.router.add_get("/", _page)
    app.router.add_get("/partner.mjs", _partner)
    app.router.add_get("/socket.io.min.js", _socket_io)
    async with serving(app) as origin:
        yield origin


async def _page(_request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def _partner(_request: web.Request) -> web.Response:
    return web.Response(text=PARTNER.read_text("utf-8"), content_type="text/javascript")


async def _socket_io(_request: web.Request) -> web.Response:
    return web.Response(text=BUNDLE.read_text("utf-8"), content_type="text/javascript")


def page_partner(browser: Browser, origin: str, transports: tuple[str, ...] = ()) -> Partner:
    """Return a partner that runs in a new page, with Socket.IO's client or native WebSocket."""

    async def play(url: str, room: str, name: str) -> Mapping[str, Any]:
        page = await browser.new_page()
        try:
            await page.goto(origin)
            arguments = [url, room, name, list(transports)]
            result: Mapping[str, Any] = await page.evaluate(PLAY, arguments)
            return result
        finally:
            await page.close()

    return play
