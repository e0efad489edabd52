"""A page in today's browser takes part over each fallback, by the means of the time."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lab.chat.commands import Join, Say, encode
from lab.interop.chromium import chromium, chromium_unavailable
from tests.conformance.client import PATIENCE_S, in_time
from tests.conformance.served import ServedTransport, served
from tests.interop.conftest import needs
from tests.transports.fallbacks import HOSTILE, POLLING, TRANSPORTS, said
from transports._fallback import packets

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

SCRIPT = Path(__file__).parent / "js" / "page.js"
TEXTS = [*HOSTILE, "x" * 40_000]


async def visit(s: ServedTransport, browser: Browser, name: str) -> Page:
    """A page of the server's own origin, connected."""
    page = await browser.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    address = f"{s.server.address.url}/page"
    await page.route(address, lambda route: route.fulfill(body="<body>", content_type="text/html"))
    await page.goto(address)
    await page.add_script_tag(path=SCRIPT)
    await page.evaluate("transport => visit(transport)", name)
    await page.wait_for_function("packets.includes('1::')")
    return page


async def events(page: Page, count: int) -> list[dict[str, Any]]:
    """What JSON has come, once there is so much of it."""
    find = "packets.filter(packet => packet.startsWith('4:::')).map(packet => packet.slice(4))"
    await page.wait_for_function(f"count => {find}.length >= count", arg=count)
    return [json.loads(text) for text in await page.evaluate(find)]


def payload(*commands: Join | Say) -> str:
    return packets.payload(tuple(packets.message(encode(each)) for each in commands)).decode()


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_page_hears_and_is_heard(name: str) -> None:
    needs(chromium_unavailable())
    async with served(TRANSPORTS[name]) as s, chromium() as browser:
        page = await visit(s, browser, name)
        await page.evaluate("text => send(text)", payload(Join(1, "den", "page")))
        assert (await events(page, 1))[0]["type"] == "joined"
        ann = await s.connect()
        await ann.joined("den", "ann")
        await asyncio.gather(*(ann.said("den", text) for text in TEXTS))
        heard = await events(page, 2 + len(TEXTS))
        assert [event["text"] for event in heard if event["type"] == "message"] == TEXTS
        says = [Say(number, "den", text) for number, text in enumerate(TEXTS)]
        await page.evaluate("text => send(text)", payload(*says))
        await ann.has_messages(2 * len(TEXTS))
        assert [message.text for message in ann.messages[len(TEXTS) :]] == TEXTS
        await page.evaluate("() => send('0::')")
        assert await ann.sees_departed("page") == "closed"
        await in_time(page.evaluate("() => reading"))  # what was open has ended in order


@pytest.mark.parametrize("name", POLLING)
async def test_a_close_that_overtakes_a_poll_is_no_error_on_the_console(name: str) -> None:
    needs(chromium_unavailable())
    polling, parted = asyncio.Event(), asyncio.Event()

    async def overtaken(route: Route) -> None:
        if route.request.method == "GET":
            polling.set()
            await parted.wait()
        await route.continue_()

    async with served(TRANSPORTS[name]) as s, chromium() as browser:
        page = await visit(s, browser, name)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        await page.route(re.compile(f"/{name}/"), overtaken)
        await page.evaluate("text => send(text)", payload(Join(1, "den", "page")))
        await in_time(polling.wait())
        await page.evaluate("() => send('0::')")
        parted.set()
        await in_time(page.evaluate("() => reading"))
        assert complaints == []


def test_the_texts_are_hostile_to_every_format() -> None:
    written = b"".join(map(said, TEXTS))
    for trap in ("--socketio", "</script>", "\u2028", "data:", "\ufffd5\ufffd", "👩"):
        assert trap.encode() in written
