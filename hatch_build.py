"""Builds the page of `lab chat` into a wheel, or says why there can't be one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("lab/page/static/index.html")
COMMANDS = (("ci", "--no-fund", "--no-audit"), ("run", "build"))
NEEDED = "a wheel holds the page of `lab chat`, which is built with Node 20.19 or newer and npm"


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel is put together; an editable install builds its page by `make page`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises SystemExit with a sentence where the page is not there and can't be built."""
        root = Path(self.root)
        if version == "editable" or (root / PAGE).is_file():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(f"{NEEDED}: npm is not installed")
        for command in COMMANDS:
            done = subprocess.run([npm, *command, "--prefix", str(root / "web")], check=False)
            if done.returncode:
                raise SystemExit(f"{NEEDED}: npm {command[0]} failed, as it says above")
        if not (root / PAGE).is_file():
            raise SystemExit(f"{NEEDED}: npm built no {PAGE}")
