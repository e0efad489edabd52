"""The page of chapters 4 and 5, with the servers of both: what is said there is shown, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.course.chapters import chapter, start
from lab.course.learner import Learner, served
from lab.course.page import COMMAND
from lab.course.run import learner
from lab.interop.chromium import chromium, chromium_unavailable
from tests.interop.conftest import needs

if TYPE_CHECKING:
    from playwright.async_api import Page

PAGE = "http://localhost:5173"
"""Where Vite serves the page of a learner, which the server of chapter 5 admits."""
PATIENCE_MS = 60_000


async def test_a_text_is_shown_once(tmp_path: Path, subtests: pytest.Subtests) -> None:
    needs(chromium_unavailable())
    for number in (4, 5):
        with subtests.test(number=number):
            start(number, tmp_path / str(number), which="solution")
            server = learner(chapter(number), tmp_path / str(number))
            vite = Learner(server.folder, COMMAND)
            async with (
                served(server) as port,
                served(vite, VITE_SERVER=f"http://127.0.0.1:{port}") as at,
                chromium(f"--host-resolver-rules=MAP localhost:5173 127.0.0.1:{at}") as browser,
            ):
                assert await lines_after_one_text(await browser.new_page()) == ["ada hello"]


async def lines_after_one_text(page: Page) -> list[str]:
    """What the page shows after somebody has joined and said `hello`."""
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(PAGE)
    await page.get_by_label("Name").fill("ada")
    await page.get_by_label("Room").fill("lab")
    await page.get_by_role("button", name="Join").click()
    await page.get_by_label("Text").fill("hello")
    await page.get_by_label("Text").press("Enter")
    await page.locator("li", has_text="hello").wait_for()
    shown: list[str] = await page.locator("li").all_inner_texts()
    return shown
