"""For the tests of the page: a page that is served, its lines at hand, and people in Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, Heartbeat, ServerTls
from lab.interop.chromium import chromium, chromium_unavailable
from lab.page.files import is_built
from lab.page.link import Link
from lab.page.site import Page, PageOptions, open_page
from lab.page.transports import survey
from lab.tls.authority import key_pin
from tests.interop.conftest import needs
from transports import registry

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from playwright.async_api import Page as Tab

PATIENCE_MS = 60_000
USUAL = Heartbeat()
TRUST = "--ignore-certificate-errors-spki-list"
PATIENCE_S = PATIENCE_MS / 1000
TRANSPORTS = tuple(
    transport.name
    for transport in survey()
    if transport.available
    and (
        transport.group in {"core", "fallbacks"} or (transport.msgpack and not transport.own_rooms)
    )
)
"""What a page can join on, each protocol once: without the servers that speak the same."""


@dataclass
class Served:
    """A page, the browser that looks at it, and every line that was opened, the newest last."""

    page: Page
    browser: Browser
    lines: list[Link] = field(default_factory=list)

    def line(self, transport: str) -> Link:
        """The newest line of that transport."""
        return next(line for line in reversed(self.lines) if line.transport == transport)

    async def person(self, **context: Any) -> Person:
        """Somebody with a browser of their own, on the page's chat."""
        tab = await (await self.browser.new_context(**context)).new_page()
        tab.set_default_timeout(PATIENCE_MS)
        person = Person(tab)
        await tab.goto(f"{self.page.url}#/chat")
        return person


class Person:
    """What somebody does in a tab. `complaints`: what the page wrote on its console."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.complaints: list[str] = []
        tab.on("console", self._noted)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _noted(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def enter(self, name: str, transport: str, room: str) -> None:
        """Go through the door, and wait until the transport is open and the room joined."""
        await self.knock(name, transport, room)
        await self.stands()

    async def knock(self, name: str, transport: str, room: str) -> None:
        """Fill in the door, and press Enter."""
        await self.tab.get_by_label("Your name").fill(name)
        await self.tab.get_by_label("Room", exact=True).fill(room)
        choice = self.tab.locator(f'[data-transport="{transport}"] input')
        await choice.wait_for(state="attached")
        if not await choice.is_visible():
            await self.tab.get_by_text("More transports").click()
        await choice.check()
        await self.tab.locator(".join-form button[type=submit]").click()

    async def stands(self) -> None:
        """Wait until the connection is open and somebody is in the room."""
        await self.tab.wait_for_selector('[data-phase="open"]')
        await self.tab.wait_for_selector(".members li", state="attached")

    async def say(self, *texts: str) -> None:
        """Type each text, and send it with Enter."""
        for text in texts:
            await self.tab.locator(".composer textarea").fill(text)
            await self.tab.locator(".composer textarea").press("Enter")

    async def texts(self) -> list[str]:
        """What stands in the conversation, from top to bottom, that on its way included."""
        found: list[str] = await self.tab.locator(".said .text").all_inner_texts()
        return found

    async def delivered(self) -> None:
        """Wait until nothing that was said here is on its way."""
        # What was said is shown 16 ms later at most, and a page's timers keep their order.
        await self.tab.evaluate("() => new Promise((done) => setTimeout(done, 17))")
        await self.tab.wait_for_selector(".said[data-unsent]", state="detached")
        await until(self._all_confirmed)

    async def _all_confirmed(self) -> bool:
        states = await self.tab.locator(".said[data-own] .state").all_inner_texts()
        return all("ms" in state for state in states)


async def until(condition: Callable[[], Any]) -> None:
    """Wait until an asynchronous condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.05)


async def has(person: Person, texts: list[str]) -> bool:
    """Whether somebody sees these texts and no others, in this order."""
    return await person.texts() == texts


async def talk(ada: Person, bob: Person) -> None:
    """Two who are alone in their room say three texts, and both see all of them in order."""
    said = ["from ada", "é" * 200, "from bob"]
    await ada.say(*said[:2])
    await until(partial(has, bob, said[:2]))
    await bob.say(said[2])
    for person in (ada, bob):
        await until(partial(has, person, said))
    await ada.delivered()


@asynccontextmanager
async def serving(
    results: Path, port: int = 0, heartbeat: Heartbeat = USUAL, tls: ServerTls | None = None
) -> AsyncIterator[tuple[Page, list[Link]]]:
    """A page on this machine, and the list to which each line that is opened is added."""
    lines: list[Link] = []
    opening = Link.open

    async def noting(line: Link) -> None:
        await opening(line)
        lines.append(line)

    Link.open = noting  # type: ignore[method-assign, assignment]
    try:
        options = PageOptions(
            port=port, results=results, say=lambda _: None, heartbeat=heartbeat, tls=tls
        )
        async with open_page(options) as page:
            yield page, lines
    finally:
        Link.open = opening  # type: ignore[method-assign]


@asynccontextmanager
async def looking(
    results: Path, heartbeat: Heartbeat = USUAL, tls: ServerTls | None = None
) -> AsyncIterator[Served]:
    """A served page, and a browser that trusts its key."""
    flags = [] if tls is None else [f"{TRUST}={key_pin(tls.certificate)}"]
    needs(chromium_unavailable())
    needs(None if is_built() else "needs the built page: make page")
    async with (
        serving(results, heartbeat=heartbeat, tls=tls) as (page, lines),
        chromium(*flags) as browser,
    ):
        yield Served(page, browser, lines)


async def leave(browser: Browser) -> None:
    """Close every tab, as people do when they go."""
    for context in browser.contexts:
        await context.close()


@asynccontextmanager
async def in_python(
    served: Served, name: str, transport_name: str, room: str
) -> AsyncIterator[tuple[Connection, list[RoomEvent]]]:
    """Somebody in the room with the lab's own client: the connection, and what it hears."""
    heard: list[RoomEvent] = []
    address = await served.page.servers.address(transport_name)
    transport = registry.load(transport_name)
    connection = await transport.connect(address.url, heard.append, ConnectOptions())
    try:
        await connection.join(room, name)
        yield connection, heard
    finally:
        await connection.close()
