"""Runs one headless Chromium for a pass, and the page that measures.

The page has its own host name, and each transport's server has another one. To a browser every name
is another server, and names below one domain are the same site.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import psutil
from aiohttp import web

from benchmarks.javascript.runtime import Runtime
from benchmarks.javascript.tab import Tab
from lab.contract import Transport
from lab.interop.chromium import chromium, driving
from lab.measure.process import CorePlan
from lab.page.files import BENCH_PAGE as PAGE
from lab.page.files import STATIC

if TYPE_CHECKING:
    from playwright.async_api import Browser

DOMAIN = "bench.localhost"
NAMES = f"--host-resolver-rules=MAP *.{DOMAIN} 127.0.0.1"
ISOLATION = {"Document-Isolation-Policy": "isolate-and-credentialless"}
"""Gives a page a clock of 5 µs. In all other pages Chromium reduces it to 100 µs."""


class Chromium(Runtime):
    """A headless browser.

    Raises (on entry): ChromiumError if there is none, or if it does not start.
    """

    client = "browser"
    place = "a page"

    def __init__(self, cores: CorePlan) -> None:
        super().__init__(cores)
        self._browser: Browser | None = None
        self._process: psutil.Process | None = None

    async def open(self, transport: Transport) -> Tab:
        """A page that measures, in a new profile, so that it shares no connections."""
        assert self._browser is not None
        # In an isolated page each document of the server gets its own process. That makes JSONP
        # several times as slow, and a page that chats does not pay it. So a transport that puts
        # documents into the page is measured in one that is not isolated, whose clock is cut to
        # 100 µs.
        query = "" if transport.frames_documents else "?isolated"
        with driving():
            context = await self._browser.new_context()
            page = await context.new_page()
            tab = Tab(page)
            await page.goto(f"{self.origin}/{PAGE}{query}")
            await page.wait_for_function("window.lab !== undefined")
        return tab

    async def _start(self) -> None:
        self.origin = await self._serve()
        self._browser = await self._open.enter_async_context(chromium(NAMES))
        session = await self._browser.new_browser_cdp_session()
        listed = await session.send("SystemInfo.getProcessInfo")
        (pid,) = (each["id"] for each in listed["processInfo"] if each["type"] == "browser")
        self._process = psutil.Process(pid)

    def _pids(self) -> Iterable[int]:
        assert self._process is not None
        return [each.pid for each in (self._process, *self._process.children(recursive=True))]

    async def _serve(self) -> str:
        """Serve the built page on loopback. Yields its origin."""
        app = web.Application()
        app.router.add_static("/", STATIC)
        app.on_response_prepare.append(_isolate)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://page.{DOMAIN}:{runner.addresses[0][1]}"


async def _isolate(request: web.Request, response: web.StreamResponse) -> None:
    if "isolated" in request.query:
        response.headers.update(ISOLATION)
