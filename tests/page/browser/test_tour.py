"""The walk-through, walked through: each step is done by doing what it asks for."""

from __future__ import annotations

import pytest

from tests.page.browser.conftest import Visit
from tests.page.browser.test_race import RACE_MS, set_up
from tests.page.web import Person, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

DONE = ".tour-do[data-done=true]"
ROOM = "tour"


async def on(person: Person, step: str) -> None:
    """Go to the next step, which is called so."""
    await person.tab.locator(".tour-ways a", has_text="Next").click()
    await person.tab.locator(".tour-card h2", has_text=step).wait_for()


async def pane(person: Person, name: str) -> None:
    """Open a part of the inspector, where not all of it is seen at once."""
    tab = person.tab.get_by_role("tab", name=name)
    if await tab.is_visible():
        await tab.click()


async def test_every_step_can_be_done(served: Served, visit: Visit) -> None:
    ada = await visit(breaks=True, viewport={"width": 1600, "height": 900})
    await ada.tab.goto(f"{served.page.url}#/tour/handshake")
    await ada.tab.locator(".tour-card h2", has_text="A handshake").wait_for()
    assert await ada.tab.locator(DONE).count() == 0

    await ada.enter("ada", "websocket", ROOM)
    await pane(ada, "Handshake")
    await ada.tab.locator(DONE).wait_for()

    await on(ada, "A room")
    await ada.say("hello")
    await ada.tab.locator(DONE).wait_for()

    await on(ada, "Polling")
    await ada.tab.get_by_role("button", name="Change wire").click()
    await ada.tab.locator('dialog [data-wire="socketio-polling"] input').check()
    await ada.tab.get_by_role("button", name="Go on by this wire").click()
    await ada.stands()
    await ada.say("by polling")
    await ada.tab.locator(DONE).wait_for()

    await on(ada, "Cut the line")
    await pane(ada, "Network")
    await ada.tab.get_by_role("button", name="Cut (RST)").click()
    await ada.say("while it is away")
    await ada.tab.locator(DONE).wait_for()
    await ada.delivered()
    assert await ada.texts() == ["hello", "by polling", "while it is away"]

    await on(ada, "Bend the network")
    await pane(ada, "Network")
    await ada.tab.locator(".inspector input[type=range]").first.fill("100")
    await ada.say("from far away")
    await ada.tab.locator(DONE).wait_for()

    await on(ada, "Race")
    await set_up(ada, ["websocket", "sse"], 0)
    await ada.tab.get_by_role("button", name="Start the race").click()
    await ada.tab.locator(DONE).wait_for(timeout=RACE_MS)
    await ada.tab.locator(".tour-all").wait_for()


async def test_a_step_is_linked_to_and_what_was_done_is_remembered(
    served: Served, visit: Visit
) -> None:
    ada = await visit(viewport={"width": 1600, "height": 900})
    await ada.tab.goto(f"{served.page.url}#/tour/join")
    await ada.tab.locator(".tour-card h2", has_text="A room").wait_for()
    await ada.enter("ada", "sse", "remembered")
    await ada.say("hello")
    await ada.tab.locator(DONE).wait_for()
    await ada.tab.reload()
    await ada.tab.locator(DONE).wait_for()
    await ada.tab.get_by_role("button", name="Begin again").wait_for()
