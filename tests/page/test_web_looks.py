"""How the page looks and reads: pictures of each view, and what axe has against it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.interop.conftest import needs
from tests.page.web import Person, Served, in_python, leave, looking

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEB = Path(__file__).parents[2] / "web"
PICTURES = WEB / "screenshots"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "wide": {"viewport": {"width": 1680, "height": 950}},
    "phone": {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2},
    "korean": {"locale": "ko-KR", "viewport": {"width": 1280, "height": 800}},
    "korean-phone": {
        "locale": "ko-KR",
        "color_scheme": "dark",
        "viewport": {"width": 390, "height": 780},
    },
}
VIEWS = ("inspect", "race", "tour")
SHIFT_MAX = 0.1
"""What web.dev/cls calls good."""
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with looking(tmp_path_factory.mktemp("results")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def served(open_lab: Served) -> AsyncIterator[Served]:
    yield open_lab
    await leave(open_lab.browser)


async def picture(person: Person, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    await person.tab.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


async def serious(person: Person) -> list[str]:
    """What axe calls serious, or worse: the rule, and where it is broken."""
    # By the browser's own tools, which no Content-Security-Policy of the page holds back.
    await person.tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = await person.tab.evaluate("async () => (await axe.run()).violations")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_view_can_be_seen_and_read(served: Served, look: str) -> None:
    needs(None if AXE.exists() else "needs the packages of web/: make page")
    room = f"looks-{look}"
    ada = await served.person(**LOOKS[look])
    tab = ada.tab
    await tab.wait_for_selector(".wire-choice")
    await picture(ada, f"{look}-door")
    broken = {"door": await serious(ada)}

    await tab.locator(".door-fields input").nth(0).fill("ada")
    await tab.locator(".door-fields input").nth(1).fill(room)
    await tab.locator('[data-wire="socketio"] input').check()
    await tab.locator(".door button[type=submit]").click()
    await ada.stands()
    async with in_python(served, "김민지", "sse", room) as (kim, _):
        await ada.say("hello", "this is Socket.IO, and it has upgraded")
        await kim.say(room, "안녕하세요!")
        await kim.say(room, "<b>text is text</b> مرحبا 👋")
        await tab.locator(".said", has_text="text is text").wait_for()
        await tab.locator(".carrier [data-now]", has_text="websocket").wait_for()
        await ada.delivered()
        await picture(ada, f"{look}-chat")
        broken["chat"] = await serious(ada)
        for view in VIEWS:
            await tab.evaluate("view => { location.hash = `#/${view}`; }", view)
            await tab.wait_for_selector(f".view-{view} h1, .view-{view} h2")
            await tab.wait_for_selector(".loading", state="detached")
            await picture(ada, f"{look}-{view}")
            broken[view] = await serious(ada)
    assert {view: found for view, found in broken.items() if found} == {}
    assert ada.complaints == []


async def test_nothing_moves_while_it_loads_and_while_people_talk(served: Served) -> None:
    context = await served.browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_init_script(WATCH_SHIFTS)
    ada = Person(await context.new_page())
    await ada.tab.goto(served.page.url)
    await ada.enter("ada", "socketio", "still")
    await ada.say("one", "two", "three")
    await ada.delivered()
    await ada.tab.locator(".carrier [data-now]", has_text="websocket").wait_for()
    assert await ada.tab.evaluate("window.shifted") < SHIFT_MAX
