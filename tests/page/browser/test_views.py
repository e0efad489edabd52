"""Every view, as everybody sees it: light, dark, on a phone, in Korean; axe finds nothing serious.

A picture of each is left in web/screenshots/, which git ignores, to be looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import needs
from tests.page.browser.conftest import Visit
from tests.page.web import PATIENCE_MS, Person, Served, in_python

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEB = Path(__file__).parents[3] / "web"
PICTURES = WEB / "screenshots"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(n => `${n.html} ${n.failureSummary}`).join("; ")}`);
}"""
SHIFT = """() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: "layout-shift", buffered: true });
  return observer.takeRecords()
    .filter(({ hadRecentInput }) => !hadRecentInput)
    .reduce((sum, { value }) => sum + value, 0);
}"""
SHIFT_MOST = 0.1
"""Web Vitals call a page good that moves less than that under its reader, all in all."""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "wide": {"viewport": {"width": 1600, "height": 900}},
    "phone": {**PHONE, "color_scheme": "light"},
    "phone-dark": {**PHONE, "color_scheme": "dark"},
    "korean": {"locale": "ko-KR"},
}
VIEWS = {
    "compare": ".compare-seen[data-known=true]",
    "chat": ".said .text",
    "inspect": ".record",
    "race": ".setup .start",
    "cost": ".cost-table td",
    "tour": ".tour-card .tour-do",
}
"""View -> what is in it once it is there."""


@pytest.mark.parametrize("look", LOOKS)
async def test_every_view_can_be_used_by_everybody(served: Served, visit: Visit, look: str) -> None:
    needs(None if AXE.is_file() else "needs axe-core: make page")
    room = f"a look at {look}"
    person = await visit(**LOOKS[look])
    await person.tab.locator(".picker [data-transport=websocket]").wait_for()
    await examined(person, f"door-{look}")
    await entered(person, f"ada-{look}", room)
    async with in_python(served, f"bob-{look}", "websocket", room) as (bob, _):
        await bob.say(room, "hello from Python")
        await person.say("hello from a browser", "안녕하세요 👋")
        await person.delivered()
        for view, shown in VIEWS.items():
            await person.tab.goto(f"{served.page.url}#/{view}")
            await person.tab.locator(shown).first.wait_for()
            await examined(person, f"{view}-{look}")


async def test_axe_would_find_what_is_in_the_way(visit: Visit) -> None:
    needs(None if AXE.is_file() else "needs axe-core: make page")
    ada = await visit()
    await ada.tab.evaluate("document.body.append(document.createElement('button'))")
    await ada.tab.evaluate(AXE.read_text(encoding="utf-8"))
    (found,) = await ada.tab.evaluate(RUN_AXE)
    assert found.startswith("button-name: ")


async def entered(person: Person, name: str, room: str) -> None:
    """Go through the door, in whatever language it is."""
    fields = person.tab.locator(".join-form-fields input")
    await fields.nth(0).fill(name)
    await fields.nth(1).fill(room)
    await person.tab.locator(".join-form button[type=submit]").click()
    await person.stands()


async def examined(person: Person, picture: str) -> None:
    """Take a picture, and let axe look for what is in somebody's way."""
    tab = person.tab
    await tab.evaluate("document.fonts.ready.then(() => true)")
    await tab.screenshot(path=PICTURES / f"{picture}.png", animations="disabled")
    await tab.evaluate(AXE.read_text(encoding="utf-8"))
    assert await tab.evaluate(RUN_AXE) == [], picture
    overflow = await tab.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, f"{picture}: wider than its window by {overflow} px"
    shift = await tab.evaluate(SHIFT)
    assert shift < SHIFT_MOST, f"{picture}: what was there has moved by {shift}"


async def test_the_language_and_the_colours_can_be_chosen_and_stay(visit: Visit) -> None:
    ada = await visit()
    await ada.tab.get_by_label("Colours").select_option("dark")
    await ada.tab.get_by_label("Language").select_option("ko")
    await ada.tab.locator("html[data-theme=dark][lang=ko]").wait_for(timeout=PATIENCE_MS)
    await ada.tab.reload()
    await ada.tab.locator("html[data-theme=dark][lang=ko]").wait_for(timeout=PATIENCE_MS)
    await ada.tab.get_by_label("이름").wait_for()
