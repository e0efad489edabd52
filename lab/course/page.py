"""A learner's page in Chromium, served by Vite, and the server that it connects to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

from lab.course.chapters import CourseError
from lab.course.learner import Learner, served
from lab.course.patience import patience_s
from lab.course.problem import WrongError
from lab.interop.chromium import ChromiumError, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

VITE = "node_modules/vite/bin/vite.js"
COMMAND = ["node", VITE, "--host", "127.0.0.1", "--port", "{port}", "--strictPort"]
COUNT = """(server) => {
  window.lab = [];
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      if (this.url.startsWith(server)) window.lab.push(this);
    }
  };
}"""
"""Keeps the page's connections to the server; Vite has one of its own."""
LIVE = "window.lab.filter(({ readyState }) => readyState <= WebSocket.OPEN).length"

OVERLAY = """document.querySelector("vite-error-overlay")
  ?.shadowRoot.querySelector(".message-body")?.textContent"""
"""What Vite shows over a page that it can't build."""
MADE = "window.lab.length"


class _Shared:
    """One browser for several checks, from the first that needs it."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._browser: Browser | None = None

    async def browser(self) -> Browser:
        if self._browser is None:
            try:
                self._browser = await self._stack.enter_async_context(chromium())
            except ChromiumError as error:
                raise CourseError(f"the page can't be checked: {error}") from None
        return self._browser


_shared: ContextVar[_Shared] = ContextVar("shared")


@asynccontextmanager
async def one_browser() -> AsyncIterator[None]:
    """Let all checks inside use the same browser. It starts with the first that needs it."""
    async with AsyncExitStack() as stack:
        token = _shared.set(_Shared(stack))
        try:
            yield
        finally:
            _shared.reset(token)


class Echoes:
    """The server of the page: it echoes. `admits`: while it is not set, no connection opens."""

    def __init__(self) -> None:
        self.admits = asyncio.Event()
        self.server: Server

    @property
    def url(self) -> str:
        """Where the page connects to."""
        port: int = next(iter(self.server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}"

    async def close(self, code: int) -> None:
        """Close every connection with this code; new ones may come."""
        await asyncio.gather(*(each.close(code) for each in self.server.connections))

    async def admit(self, _connection: ServerConnection, _request: Request) -> None:
        """Let a handshake wait."""
        await self.admits.wait()

    async def echo(self, connection: ServerConnection) -> None:
        """Send back what comes."""
        with suppress(ConnectionClosed):
            async for message in connection:
                await connection.send(message)


class Visit:
    """A page that is open. `errors`: what it threw and nobody caught."""

    def __init__(self, page: Page, echoes: Echoes) -> None:
        self.page = page
        self.echoes = echoes
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def shows(self, state: str, what: str) -> None:
        """Wait until the page shows this state. Raises WrongError if it does not."""
        status = self.page.get_by_role("status")
        if not await self._comes(f'[role="status"]:text-matches("^{state}\\\\b")'):
            shown = await status.all_inner_texts()
            raise await self._wrong(what, f"the state '{state}'", f"{shown or 'no role=status'}")

    async def hears(self, text: str, what: str) -> None:
        """Wait until the list shows a text, and once only. Raises WrongError if it does not."""
        came = await self._comes(f'li:text-is("{text}")')
        count = await self.page.locator("li").count()
        if not came or count != 1:
            raise await self._wrong(what, f"'{text}' once", f"{count} lines")

    async def connections(self, expected: int, what: str) -> None:
        """Raises WrongError if the page has more or fewer connections open or opening."""
        live = await self.page.evaluate(LIVE)
        if live != expected:
            raise await self._wrong(what, f"{expected}", f"{live}")

    async def says(self, text: str) -> None:
        """Type a text, and press Enter. Raises WrongError if the page connects again by that."""
        field = self.page.get_by_label("Text")
        before = await self.page.evaluate(MADE)
        await field.fill(text)
        after = await self.page.evaluate(MADE)
        if after != before:
            what = "the page connects again while a text is typed"
            raise await self._wrong(what, "no new connection", f"{after - before}")
        await field.press("Enter")

    async def clicks(self, name: str) -> None:
        """Click a button, and wait until the page is drawn again."""
        await self.page.get_by_role("button", name=name).click()

    async def sendable(self) -> bool:
        """Whether a text can be sent now."""
        return await self.page.get_by_role("button", name="Send").is_enabled()

    async def _comes(self, selector: str) -> bool:
        from playwright.async_api import TimeoutError as TooLate  # noqa: PLC0415 - an extra

        try:
            await self.page.wait_for_selector(selector, timeout=patience_s() * 1000)
        except TooLate:
            return False
        return True

    async def _wrong(self, what: str, expected: str, got: str) -> WrongError:
        overlay = str(await self.page.evaluate(OVERLAY) or "").strip().splitlines()
        thrown = f"; the page says: {(overlay or self.errors)[0]}" if overlay or self.errors else ""
        return WrongError(what, expected, got + thrown, "chapter 3")


@asynccontextmanager
async def visit(subject: Learner) -> AsyncIterator[Visit]:
    """The learner's page, open in a browser; its server does not yet admit connections.

    Raises:
        CourseError: there is no browser, or Vite does not start.
        WrongError: the page can't be drawn.
    """
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    echoes, vite = Echoes(), Learner(subject.folder, COMMAND)
    async with serve(
        echoes.echo, "127.0.0.1", 0, process_request=echoes.admit, open_timeout=None
    ) as echoes.server:
        try:
            async with served(vite, VITE_SERVER=echoes.url) as port, _context() as context:
                await context.add_init_script(f'({COUNT})("{echoes.url}")')
                one = Visit(await context.new_page(), echoes)
                await one.page.goto(f"http://127.0.0.1:{port}/")
                yield one
        except Error as error:
            got = str(error).strip().partition("\n")[0]
            raise WrongError("the page fails", "that it answers", got, "chapter 3") from None
        finally:
            echoes.admits.set()


@asynccontextmanager
async def _context() -> AsyncIterator[BrowserContext]:
    browser = await _shared.get().browser()
    context = await browser.new_context()
    context.set_default_timeout(patience_s() * 1000)
    try:
        yield context
    finally:
        await context.close()
