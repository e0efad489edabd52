"""Runs a script in Node.

A script is a module (`.mjs`) that prints one JSON object per line and ends by itself. It finds the
packages of `transports/node` through the variable PACKAGES_VARIABLE, because a module's own
`import` searches only beside the module's file:

    import { createRequire } from "node:module";
    const require = createRequire(process.env.LAB_NODE_PACKAGES);
    const { WebSocket } = require("ws");
"""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any

import msgspec

from transports._node import versions as node_versions

PACKAGES = node_versions.HERE
"""The folder with `package.json` and `node_modules`."""
LOADED = ("socket.io", "socket.io-client", "socket.io-client-2", "ws")
"""The packages that the scripts load."""
PACKAGES_VARIABLE = "LAB_NODE_PACKAGES"
OUTPUT_SHOWN = 2000


class NodeError(RuntimeError):
    """Node is missing, or a script failed; the message holds the end of the script's output."""


class NodeResult(msgspec.Struct, frozen=True):
    """A script's output: the JSON objects of its stdout, in order, and its stderr."""

    lines: tuple[dict[str, Any], ...]
    stderr: str = ""


def node_unavailable() -> str | None:
    """Say why scripts can't run here and what to install; None where they can."""
    return next(filter(None, map(node_versions.unavailable, LOADED)), None)


def installed(package: str) -> str:
    """Return a package with its version. Raises FileNotFoundError where it is not installed."""
    return str(node_versions.installed(package))


async def run_node(script: Path, *args: str, timeout_s: float) -> NodeResult:
    """Run a script with these arguments until it ends.

    Raises:
        NodeError: Node or its packages are missing, the exit code was not 0, or the output was
            not JSON objects.
        TimeoutError: the script did not end within `timeout_s`; it is killed.
    """
    if (reason := node_unavailable()) is not None:
        raise NodeError(reason)
    process = await asyncio.create_subprocess_exec(
        node_versions.program(),
        str(script),
        *args,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, PACKAGES_VARIABLE: str(PACKAGES / "package.json")},
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate()
    except TimeoutError:
        raise TimeoutError(f"{script.name} did not end within {timeout_s:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # reads to the end, so that no pipe stays open
    said = err.decode(errors="replace")
    if process.returncode:
        end = said.strip()[-OUTPUT_SHOWN:]
        raise NodeError(f"{script.name} ended with exit code {process.returncode}: {end}")
    return NodeResult(_objects(script, out), said)


def _objects(script: Path, out: bytes) -> tuple[dict[str, Any], ...]:
    try:
        return tuple(dict(json.loads(line)) for line in out.splitlines() if line.strip())
    except (TypeError, ValueError) as error:
        end = out.decode(errors="replace")[-OUTPUT_SHOWN:]
        raise NodeError(f"{script.name} did not print a JSON object: {end}") from error
