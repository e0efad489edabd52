"""The browser of a pass: one headless Chromium, the page that measures, a loop to drive them on.

The page stands under a name of its own, so that the wires can be given names beside it: to a
browser every name is another server, and names below one domain are one site.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

import psutil
from aiohttp import web

from benchmarks.browser.tab import Tab
from lab.interop.chromium import chromium, driving
from lab.measure.process import CorePlan, cpu_ns, pin
from lab.page.files import STATIC

if TYPE_CHECKING:
    from playwright.async_api import Browser

DOMAIN = "bench.localhost"
NAMES = f"--host-resolver-rules=MAP *.{DOMAIN} 127.0.0.1"
PAGE = "bench.html"
ISOLATION = {"Document-Isolation-Policy": "isolate-and-credentialless"}
"""Gives a page a clock of 5 µs, where Chromium cuts it to 100 µs in all others."""
START_S = 60.0
"""How long a browser may take to start on a loaded machine."""

T = TypeVar("T")


class Chromium:
    """A browser on the load's core. A context manager.

    Raises (on entry): ChromiumError where there is none, or it does not start.
    """

    def __init__(self, cores: CorePlan) -> None:
        self._cores = cores
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._browser: Browser | None = None
        self._process: psutil.Process | None = None
        self.origin = ""

    def __enter__(self) -> Chromium:
        before = os.sched_getaffinity(0)
        pin(os.getpid(), self._cores.load)  # its processes inherit it
        try:
            self.run(asyncio.wait_for(self._start(), START_S))
        finally:
            pin(os.getpid(), before)
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._open.aclose())
        self._runner.close()

    def run(self, work: Awaitable[T]) -> T:
        """Run to its end on the browser's loop."""

        async def whole() -> T:
            return await work

        return self._runner.run(whole())

    async def open(self, isolated: bool) -> Tab:
        """A page that measures, in a profile of its own: no connection is left of another's."""
        assert self._browser is not None
        with driving():
            context = await self._browser.new_context()
            page = await context.new_page()
            tab = Tab(page)
            await page.goto(f"{self.origin}/{PAGE}{'?isolated' if isolated else ''}")
            await page.wait_for_function("window.lab !== undefined")
        return tab

    def cpu_ns(self) -> dict[int, int]:
        """CPU time of each of its processes, by pid, in ns; those that have ended are not in it."""
        assert self._process is not None
        found = {}
        for process in (self._process, *self._process.children(recursive=True)):
            try:
                found[process.pid] = cpu_ns(process.pid)
            except ProcessLookupError:
                continue  # it ended between being listed and being asked
        return found

    async def _start(self) -> None:
        self.origin = await self._serve()
        self._browser = await self._open.enter_async_context(chromium(NAMES))
        session = await self._browser.new_browser_cdp_session()
        listed = await session.send("SystemInfo.getProcessInfo")
        (pid,) = (each["id"] for each in listed["processInfo"] if each["type"] == "browser")
        self._process = psutil.Process(pid)

    async def _serve(self) -> str:
        """Serve the built page on loopback; gives its origin."""
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
