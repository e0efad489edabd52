"""A headless Chromium, driven through Playwright's asynchronous API.

The browser is the system's own, not one that Playwright downloads. So its version is the
distribution's, and nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from transports._shared import extras

if TYPE_CHECKING:
    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "LAB_CHROMIUM"
"""This variable names an executable to use instead of those in PATH."""

BROWSER = f"apt-get install chromium, or name one with {VARIABLE}=/path/to/it"

FLAGS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
)
"""With these flags, only the requests of a page go over the network."""


class ChromiumError(RuntimeError):
    """There is no browser to drive, or it failed; the message has the remedy or the reason."""


def _driver() -> str:
    return extras.installing("playwright")


def executable() -> str | None:
    """Return the browser that LAB_CHROMIUM names, else the first of NAMES in PATH, else None."""
    named = os.environ.get(VARIABLE)
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def chromium_unavailable() -> str | None:
    """Say why no browser can be driven here and what to install; None where one can."""
    if executable() is None:
        named = os.environ.get(VARIABLE)
        problem = f"{VARIABLE}={named} can't be run" if named else "needs Chromium"
        return f"{problem}: {BROWSER}; and {_driver()}"
    if importlib.util.find_spec("playwright") is None:
        return f"needs Playwright to drive Chromium: {_driver()}"
    return None


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """Yield a headless browser that ends with the context; `flags`: more flags, after FLAGS.

    Raises:
        ChromiumError: see `chromium_unavailable`, or the browser does not start.
    """
    if (reason := chromium_unavailable()) is not None:
        raise ChromiumError(reason)
    from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra

    # A browser that Ctrl-C ends leaves files behind; they are deleted with this folder.
    with TemporaryDirectory(prefix="lab-chromium-", ignore_cleanup_errors=True) as folder:
        async with async_playwright() as driver:
            with driving():
                browser = await driver.chromium.launch(
                    executable_path=executable(),
                    args=[*_flags(), *flags],
                    env={**os.environ, "TMPDIR": folder},
                )
            try:
                yield browser
            finally:
                await browser.close()


@contextmanager
def driving() -> Iterator[None]:
    """Turn an error of the browser's driver into a ChromiumError with a message of one line."""
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    try:
        yield
    except Error as error:
        raise ChromiumError(str(error).strip().partition("\n")[0]) from error


def _flags() -> list[str]:
    # Chromium cannot build its sandbox when it runs as root.
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
