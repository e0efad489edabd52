"""A page of another Origin is refused on every transport, and has no control of the lines.

The other page is the one that measures, which speaks every transport as the chat does. It comes
from another port of this machine: of another Origin, though of the same site as where it goes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page as Tab

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import ServeOptions
from lab.page.files import STATIC
from lab.page.transports import described
from lab.service import ChatService
from tests.page.visitor import visiting
from tests.page.web import PATIENCE_MS, TRANSPORTS, Served
from transports import registry

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "page.elsewhere.localhost"
"""The transports are visited by other names below the same domain, all of which are this
machine."""
VISIT = """async ([transport, url]) => {
  window.lab.use(transport, url);
  try {
    await window.lab.handshakes(1);
    return "open";
  } catch (error) {
    return `refused: ${error.message}`;
  }
}"""
CONTROL = """url => new Promise(resolve => {
  const socket = new WebSocket(url);
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("refused");
})"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere(served: Served) -> AsyncIterator[Tab]:
    """A tab with a page that `lab chat` has not served."""
    app = web.Application()
    app.router.add_static("/", STATIC)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tab = await served.browser.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    await tab.goto(f"http://{NAME}:{runner.addresses[0][1]}/bench.html")
    await tab.wait_for_function("window.lab !== undefined")
    yield tab
    await tab.context.close()
    await runner.cleanup()


async def visited(tab: Tab, transport: str, url: str) -> str:
    """What comes of a visit to the transport's server at `url`."""
    info = msgspec.to_builtins(described(registry.load(transport), "", None))
    outcome: str = await tab.evaluate(VISIT, [info, url])
    return outcome


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_page_of_another_origin_is_refused(
    served: Served, elsewhere: Tab, transport: str
) -> None:
    async with visiting(served.page) as visitor:
        _, url = await visitor.link(transport)
        assert (await visited(elsewhere, transport, url)).startswith("refused: ")
    origin = await elsewhere.evaluate("window.location.origin")
    chat = ChatService(Rooms(Limits()))
    async with registry.load(transport).serve(chat, ServeOptions(origins=(origin,))) as server:
        outcome = await visited(elsewhere, transport, server.address.url)
        assert outcome == "open", "it is the Origin that was refused, and nothing else"


async def test_a_page_of_another_origin_has_no_control(served: Served, elsewhere: Tab) -> None:
    control = f"{served.page.url}control".replace("http", "ws", 1)
    assert await elsewhere.evaluate(CONTROL, control) == "refused"
    own = await served.person()
    assert await own.tab.evaluate(CONTROL, control) == "open"
    await own.tab.context.close()


async def test_the_page_itself_is_not_shown_in_a_frame(served: Served, elsewhere: Tab) -> None:
    framed = await elsewhere.evaluate(
        """async url => {
          const frame = document.createElement("iframe");
          frame.src = url;
          const loaded = new Promise(resolve => { frame.onload = resolve; });
          document.body.append(frame);
          await loaded;
          return frame.contentDocument === null;
        }""",
        served.page.url,
    )
    assert framed, "its document is another Origin's"
    frame = next(one for one in elsewhere.frames if one.parent_frame is not None)
    assert await frame.locator("#root").count() == 0
