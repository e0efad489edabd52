"""Nothing on the page jumps, by what Chromium itself counts as a shift of the layout."""

from __future__ import annotations

from pathlib import Path

from tests.page.web import Person, looking

SHIFT_MAX = 0.1
"""What https://web.dev/articles/cls calls good."""
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


async def test_nothing_moves_while_it_loads_and_while_people_talk(tmp_path: Path) -> None:
    async with looking(tmp_path) as served:
        tab = await served.browser.new_page(viewport={"width": 1280, "height": 800})
        await tab.add_init_script(WATCH_SHIFTS)
        ada = Person(tab)
        await tab.goto(f"{served.page.url}#/chat")
        await ada.enter("ada", "socketio", "lab")
        await ada.say("one", "two", "three")
        await ada.delivered()
        await tab.locator(".carrier [data-now]", has_text="websocket").wait_for()
        assert await tab.evaluate("window.shifted") < SHIFT_MAX
