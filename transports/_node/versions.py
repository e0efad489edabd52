"""Find out whether Node and its packages are installed, and in which versions."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from pathlib import Path

from lab.contract import Library

HERE = Path(__file__).parent.parent / "node"
OLDEST = 18
"""The oldest major version of Node that the servers run on."""
INSTALL = "apt-get install nodejs npm"
VERSION_TIMEOUT_S = 10


def unavailable(package: str) -> str | None:
    """Why a server that uses `package` can't run here, and what to install; None if it can."""
    wanted = f"needs Node {OLDEST} or newer"
    found = shutil.which("node")
    if found is None:
        return f"{wanted}: {INSTALL}"
    version = _version(found)
    if version is None:
        return f"{wanted}; {found} does not run: {INSTALL}"
    if int(version.split(".")[0]) < OLDEST:
        return f"{wanted}; {found} is {version}: {INSTALL}"
    if not _manifest(package).is_file():
        return f"needs the Node package {package}: npm ci --prefix {HERE}"
    return None


def program() -> str:
    """The Node program."""
    return shutil.which("node") or "node"


def language() -> Library:
    """The installed Node. Raises FileNotFoundError if there is none."""
    version = _version(program())
    if version is None:
        raise FileNotFoundError(f"{program()} does not run")
    return Library("Node", version)


def installed(package: str) -> Library:
    """The installed version of a Node package. Raises FileNotFoundError if there is none."""
    return Library(package, json.loads(_manifest(package).read_text())["version"])


def _manifest(package: str) -> Path:
    return HERE / "node_modules" / package / "package.json"


@functools.cache
def _version(found: str) -> str | None:
    """The version that `node --version` prints; None if it fails or prints anything else."""
    try:
        answer = subprocess.run(
            [found, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = answer.stdout.strip().removeprefix("v")
    return version if version.split(".")[0].isdecimal() else None
