"""A browser with pages that act as clients of a chat.

The pages come from a server of their own. So their origin is another than the chat server's, as
where a page and a chat server are built separately. The chat servers have to allow
`Browsing.origin`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from lab.interop.chromium import chromium, driving
from lab.interop.node import PACKAGES
from lab.interop.outcome import Report, State, Visit

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page

BUNDLE = PACKAGES / "node_modules" / "socket.io-client" / "dist" / "socket.io.min.js"
"""The file that a page loads to have Socket.IO."""

HTML = "<!doctype html><meta charset=utf-8><title>chat</title><link rel=icon href=data:,>"
JAVASCRIPT = "text/javascript"
PAGES: Mapping[str, str] = {
    "/native": HTML,
    "/socketio": f"{HTML}<script src=/socket.io.min.js></script>",
}
NATIVE, SOCKETIO = PAGES
RUN = """async ([page, visit]) => {
  const { native, socketio } = await import("/attempt.mjs");
  return page === "/native" ? native(WebSocket, visit) : socketio(io, visit);
}"""
PAGE_START_S = 20.0
"""The longest time in which a page loads on a busy machine."""
CONSOLE_S = 0.5
"""A failure's message on the console comes from another process and may be late."""


class Browsing:
    """A browser, and `origin`, the origin of its pages."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.origin = origin
        self.version = browser.version
        self._browser = browser

    async def attempt(self, page: str, visit: Visit) -> Report:
        """Make the attempt from a page of PAGES. Errors on the console are added to `said`.

        Raises:
            ChromiumError, TimeoutError: the page could not be opened, or did not do its work.
        """
        async with asyncio.timeout(PAGE_START_S + 2 * visit.patience_s):
            with driving():
                context = await self._browser.new_context()
                try:
                    return await self._from(await context.new_page(), page, visit)
                finally:
                    await context.close()

    async def _from(self, tab: Page, page: str, visit: Visit) -> Report:
        console = _Console()
        await tab.goto(self.origin + page)
        tab.on("console", console.heard)
        found: Any = await tab.evaluate(RUN, [page, visit.for_script()])
        report = msgspec.convert(found, Report)
        if report.state is State.REFUSED:
            await console.anything()
        words = " | ".join(filter(None, [report.said, *console.words]))
        return msgspec.structs.replace(report, said=words)


class _Console:
    """The errors on a page's console, each once."""

    def __init__(self) -> None:
        self.words: dict[str, None] = {}
        self._spoken = asyncio.Event()

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.words[message.text] = None
            self._spoken.set()

    async def anything(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CONSOLE_S):
                await self._spoken.wait()


@asynccontextmanager
async def browse() -> AsyncIterator[Browsing]:
    """Yield a browser and the server of its pages.

    Raises:
        ChromiumError: see `chromium`.
    """
    async with chromium() as browser, _served() as origin:
        yield Browsing(browser, origin)


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    """Serve PAGES and their scripts on loopback; yield their origin."""
    app = web.Application()
    for path, html in PAGES.items():
        app.router.add_get(path, _answer(html, "text/html"))
    attempt = resources.files("lab.interop").joinpath("js", "attempt.mjs").read_text("utf-8")
    app.router.add_get("/attempt.mjs", _answer(attempt, JAVASCRIPT))
    if BUNDLE.exists():
        app.router.add_get(f"/{BUNDLE.name}", _answer(BUNDLE.read_text("utf-8"), JAVASCRIPT))
    async with serving(app) as origin:
        yield origin


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve pages on loopback, at a port of their own; yield their origin."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _answer(text: str, kind: str) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, charset="utf-8")

    return answer
