"""Among the claims: a page in Chromium as a member of the room, served apart from the chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from lab.claims.volley import Partner
from lab.interop.node import PACKAGES

if TYPE_CHECKING:
    from playwright.async_api import Browser

PARTNER = Path(__file__).parent / "js" / "partner.mjs"
SOCKET_IO = PACKAGES / "node_modules" / "socket.io-client" / "dist" / "socket.io.min.js"
PAGE = """<!doctype html>
<title>A member of the room</title>
<script src="/socket.io.min.js"></script>
"""
PLAY = """async ([url, room, name, transports]) => {
  const { native, partner, socketio } = await import("/partner.mjs");
  const wire = transports.length
    ? await socketio(io, url, transports)
    : await native(WebSocket, url);
  const told = await partner(wire, room, name);
  wire.close();
  return told;
}"""


@asynccontextmanager
async def page_server() -> AsyncIterator[str]:
    """Serve the page, and nothing of the chat, on a port of its own; gives the page's origin."""
    app = web.Application()
    app.router.add_get("/", _page)
    app.router.add_get("/partner.mjs", _partner)
    app.router.add_get("/socket.io.min.js", _socket_io)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _page(_request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def _partner(_request: web.Request) -> web.Response:
    return web.Response(text=PARTNER.read_text("utf-8"), content_type="text/javascript")


async def _socket_io(_request: web.Request) -> web.Response:
    return web.Response(text=SOCKET_IO.read_text("utf-8"), content_type="text/javascript")


def page_partner(browser: Browser, origin: str, transports: tuple[str, ...] = ()) -> Partner:
    """A partner in a page of its own: Socket.IO's client with these transports, or WebSocket."""

    async def play(url: str, room: str, name: str) -> Mapping[str, Any]:
        page = await browser.new_page()
        try:
            await page.goto(origin)
            told: Mapping[str, Any] = await page.evaluate(PLAY, [url, room, name, list(transports)])
            return told
        finally:
            await page.close()

    return play
