"""Finding and driving the browser, and its absence."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lab.interop.chromium import (
    VARIABLE,
    ChromiumError,
    chromium,
    chromium_unavailable,
    driving,
    executable,
)
from tests.interop.conftest import needs
from transports._shared import extras


async def test_a_page_runs_its_script() -> None:
    needs(chromium_unavailable())
    async with chromium() as browser:
        page = await browser.new_page()
        await page.set_content("<p id=here>hello</p>")
        assert await page.evaluate("document.querySelector('#here').textContent") == "hello"
        with pytest.raises(ChromiumError, match="no such luck"), driving():
            await page.evaluate("() => { throw new Error('no such luck') }")


async def test_without_a_browser_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    reason = chromium_unavailable()
    assert reason is not None
    for word in ("needs Chromium", "apt-get install chromium", "'.[browser]'", VARIABLE):
        assert word in reason
    with pytest.raises(ChromiumError, match="needs Chromium"):
        async with chromium():
            pytest.fail("a browser was found")


def test_the_variable_names_another_executable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = tmp_path / "browser"
    named.write_text("")
    named.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(named))
    assert executable() == str(named)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone"))
    reason = chromium_unavailable()
    assert reason is not None
    assert reason.startswith(f"{VARIABLE}={tmp_path / 'gone'} can't be run")


def test_without_its_driver_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = tmp_path / "chromium"
    found.write_text("")
    found.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(found))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    command = extras.installing("playwright")
    assert command.endswith("pip install -e '.[browser]'")
    assert chromium_unavailable() == f"needs Playwright to drive Chromium: {command}"
