"""A page over TLS in Chromium: its first view counts TLS as the ledger does."""

from __future__ import annotations

from pathlib import Path

from lab.tls.authority import certified
from tests.page.browser.test_compare import COMPARED, counted, known, labels, shown
from tests.page.web import looking


async def test_the_first_view_counts_tls(tmp_path: Path) -> None:
    with certified() as made:
        async with looking(tmp_path, tls=made.server) as served:
            ada = await served.person(viewport={"width": 1280, "height": 720})
            await ada.tab.goto(f"{served.page.url}#/compare/{COMPARED}")
            await known(ada)
            drawn = [shown(label) for label in await labels(ada)]
            lines = [served.line(name) for name in ("websocket", "socketio-polling")]
            assert drawn == [counted(line) for line in lines]
            websocket, _ = drawn
            assert websocket[0] == len(("TCP", "TLS", "upgrade", "join"))
            rows = await ada.tab.locator(".waterfall svg text").all_text_contents()
            assert rows.count("TLS") >= len(lines)
            legend = await ada.tab.locator(".compare").inner_text()
            assert "TLS" in legend
            assert await ada.tab.locator(".fill-tls").count() > 0
            assert ada.complaints == []
