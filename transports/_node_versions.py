"""Shared by the Node wires: whether Node and its packages are here, and in which versions."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from pathlib import Path

from lab.contract import Library

HERE = Path(__file__).parent / "node"
OLDEST = 18
"""The first major version of Node that the servers run on."""
INSTALL = "apt-get install nodejs npm"
VERSION_WAIT_S = 10


def unavailable(package: str) -> str | None:
    """Why a server on `package` can't run here, with what to install; None where it can."""
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
    """The program to run."""
    return shutil.which("node") or "node"


def language() -> Library:
    """Node itself, as it is installed here. Raises FileNotFoundError where it is not."""
    version = _version(program())
    if version is None:
        raise FileNotFoundError(f"{program()} does not run")
    return Library("Node", version)


def installed(package: str) -> Library:
    """A package of Node's, as it is installed here. Raises FileNotFoundError where it is not."""
    return Library(package, json.loads(_manifest(package).read_text())["version"])


def _manifest(package: str) -> Path:
    return HERE / "node_modules" / package / "package.json"


@functools.cache
def _version(found: str) -> str | None:
    """What `node --version` says; None where it does not run, or says something else."""
    try:
        answer = subprocess.run(
            [found, "--version"], capture_output=True, text=True, timeout=VERSION_WAIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = answer.stdout.strip().removeprefix("v")
    return version if version.split(".")[0].isdecimal() else None
