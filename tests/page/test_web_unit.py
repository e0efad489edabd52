"""The page's own logic: its unit tests, run by Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.interop.conftest import needs

WEB = Path(__file__).parents[2] / "web"
INSTALLED = WEB / "node_modules" / ".package-lock.json"
PATIENCE_S = 600


def packages_missing() -> str | None:
    """Why the page can't be tested or built here; None where it can."""
    if shutil.which("npm") is None:
        return "needs Node 20.19 or newer with npm"
    return None if INSTALLED.exists() else "needs the packages of web/: make page"


def test_the_units_of_the_page() -> None:
    needs(packages_missing())
    done = subprocess.run(
        ["npm", "test", "--silent"],
        cwd=WEB,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
