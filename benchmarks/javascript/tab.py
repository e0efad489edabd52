"""Controls a page that measures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from benchmarks.javascript.bench import PATIENCE_S, Bench
from lab.interop.chromium import ChromiumError, driving

if TYPE_CHECKING:
    from playwright.async_api import Page

CALL = "([name, words]) => window.lab[name](...words)"


class Tab(Bench):
    """One page. Its calls raise ChromiumError if they fail in the page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._errors: list[str] = []
        page.on("pageerror", lambda error: self._errors.append(str(error)))

    async def close(self) -> None:
        """Close the page, its profile and its connections."""
        with driving():
            await self._page.context.close()

    async def _call(self, name: str, *words: Any) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            with driving():
                found = await self._page.evaluate(CALL, [name, list(words)])
        if self._errors:
            raise ChromiumError(f"in the page, during {name}: {'; '.join(self._errors)}")
        return found
