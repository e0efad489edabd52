"""Beside the interop matrix: a headless Chromium, driven through Playwright's asynchronous API.

The browser is the system's, not one that Playwright downloads: its version is the distribution's,
and nothing is fetched.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "LAB_CHROMIUM"
"""Names another executable than those of PATH."""

DRIVER = "pip install 'transport-lab[browser]'"
BROWSER = f"apt-get install chromium, or name one with {VARIABLE}=/path/to/it"

FLAGS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
)
"""Nothing but what a page asks for crosses the line."""


class ChromiumError(RuntimeError):
    """There is no browser to drive, or it failed; the message says what to install, or how."""


def executable() -> str | None:
    """The browser: the one that LAB_CHROMIUM names, else the first of NAMES in PATH."""
    named = os.environ.get(VARIABLE)
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def chromium_unavailable() -> str | None:
    """Why no browser can be driven here, and what to install; None where one can."""
    if executable() is None:
        named = os.environ.get(VARIABLE)
        problem = f"{VARIABLE}={named} can't be run" if named else "needs Chromium"
        return f"{problem}: {BROWSER}; and {DRIVER}"
    if importlib.util.find_spec("playwright") is None:
        return f"needs Playwright to drive Chromium: {DRIVER}"
    return None


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """One headless browser, gone when the context is left; `flags`: its own, beside FLAGS.

    Raises:
        ChromiumError: see `chromium_unavailable`; or the browser does not start.
    """
    if (reason := chromium_unavailable()) is not None:
        raise ChromiumError(reason)
    from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra

    async with async_playwright() as driver:
        with driving():
            browser = await driver.chromium.launch(
                executable_path=executable(), args=[*_flags(), *flags]
            )
        try:
            yield browser
        finally:
            await browser.close()


@contextmanager
def driving() -> Iterator[None]:
    """Give what goes wrong while the browser is driven as a ChromiumError of one line."""
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    try:
        yield
    except Error as error:
        raise ChromiumError(str(error).strip().partition("\n")[0]) from error


def _flags() -> list[str]:
    # Chromium's sandbox refuses to be built by root.
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
