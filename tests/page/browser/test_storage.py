"""A browser that keeps nothing for the page, as one does whose user blocks site data."""

from __future__ import annotations

import pytest

from tests.page.browser.conftest import Visit
from tests.page.web import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

BLOCKED = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {
    get() {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    },
  });
}
"""
WIDE = {"width": 1600, "height": 900}
DARK = "html[data-theme=dark]"


async def test_the_page_works_and_begins_at_the_door_again(served: Served, visit: Visit) -> None:
    ada = await visit(viewport=WIDE)
    await ada.tab.add_init_script(BLOCKED)
    await ada.tab.goto(f"{served.page.url}#/tour/join")
    await ada.tab.reload()
    await ada.tab.get_by_label("Colours").select_option("dark")
    await ada.tab.locator(DARK).wait_for()
    await ada.tab.locator(".tour-guesses button").first.click()
    await ada.enter("ada", "sse", "kept nowhere")
    await ada.say("hello")
    await ada.delivered()
    assert await ada.texts() == ["hello"]
    await ada.tab.locator(".tour-do[data-done=true]").wait_for()

    await ada.tab.goto(f"{served.page.url}#/chat")
    await ada.tab.get_by_role("button", name="Hide the bytes").click()
    await ada.tab.get_by_role("button", name="Show the bytes").wait_for()

    await ada.tab.reload()
    await ada.tab.get_by_label("Your name").wait_for()
    assert await ada.tab.locator(DARK).count() == 0
