"""Beside the interop matrix: Node, and a script run in it.

A script is a module (`.mjs`) that prints one JSON object a line and ends by itself. It finds the
packages of `transports/node` through the variable PACKAGES_VARIABLE, since a module's own `import`
looks beside its file and nowhere else:

    import { createRequire } from "node:module";
    const require = createRequire(process.env.LAB_NODE_PACKAGES);
    const { WebSocket } = require("ws");
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

OLDEST = 18
"""The first version of Node that has all that the scripts use."""
PACKAGES = Path(str(resources.files("transports"))) / "node"
PACKAGES_VARIABLE = "LAB_NODE_PACKAGES"
SAID_SHOWN = 2000
VERSION_WAIT_S = 10


class NodeError(RuntimeError):
    """Node is missing, or a script failed; the message holds the end of what it said."""


class NodeResult(msgspec.Struct, frozen=True):
    """What a script printed: the JSON objects of its stdout in their order, and its stderr."""

    lines: tuple[dict[str, Any], ...]
    stderr: str = ""


def node_unavailable() -> str | None:
    """Why scripts can't run here, and what to install; None where they can."""
    executable = shutil.which("node")
    if executable is None:
        return f"needs Node {OLDEST} or newer: apt-get install nodejs npm"
    version = _version(executable)
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < OLDEST:
        return f"needs Node {OLDEST} or newer; {executable} is {version or 'none that answers'}"
    if not (PACKAGES / "node_modules" / ".package-lock.json").exists():
        return f"needs Node's packages: npm ci --prefix {PACKAGES}"
    return None


async def run_node(script: Path, *args: str, timeout_s: float) -> NodeResult:
    """Run a script with these arguments until it ends.

    Raises:
        NodeError: there is no Node, or the script ended with another exit code than 0, or it
            printed something else than JSON objects.
        TimeoutError: it had not ended within `timeout_s`; it is killed.
    """
    executable = shutil.which("node")
    if executable is None:
        raise NodeError(str(node_unavailable()))
    environment = {**os.environ, PACKAGES_VARIABLE: str(PACKAGES / "package.json")}
    process = await asyncio.create_subprocess_exec(
        executable, str(script), *args, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate()
    except TimeoutError:
        raise TimeoutError(f"{script.name} had not ended within {timeout_s:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # to the pipes' end, so that nothing of them is left open
    said = err.decode(errors="replace")
    if process.returncode:
        end = said.strip()[-SAID_SHOWN:]
        raise NodeError(f"{script.name} ended with exit code {process.returncode}: {end}")
    return NodeResult(_objects(script, out), said)


def _objects(script: Path, out: bytes) -> tuple[dict[str, Any], ...]:
    try:
        return tuple(dict(json.loads(line)) for line in out.splitlines() if line.strip())
    except (TypeError, ValueError) as error:
        end = out.decode(errors="replace")[-SAID_SHOWN:]
        raise NodeError(f"{script.name} printed what is no JSON object: {end}") from error


@cache
def _version(executable: str) -> str:
    """What `node --version` says; empty where it can't be run."""
    try:
        said = subprocess.run(
            [executable, "--version"], capture_output=True, check=False, timeout=VERSION_WAIT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode(errors="replace").strip()
