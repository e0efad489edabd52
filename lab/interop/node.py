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
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any

import msgspec

from transports import _node_versions

PACKAGES = _node_versions.HERE
"""The folder of `package.json` and `node_modules`."""
LOADED = ("socket.io", "socket.io-client", "socket.io-client-2", "ws")
"""The packages that scripts load."""
PACKAGES_VARIABLE = "LAB_NODE_PACKAGES"
SAID_SHOWN = 2000


class NodeError(RuntimeError):
    """Node is missing, or a script failed; the message holds the end of what it said."""


class NodeResult(msgspec.Struct, frozen=True):
    """What a script printed: the JSON objects of its stdout in their order, and its stderr."""

    lines: tuple[dict[str, Any], ...]
    stderr: str = ""


def node_unavailable() -> str | None:
    """Why scripts can't run here, and what to install; None where they can."""
    return next(filter(None, map(_node_versions.unavailable, LOADED)), None)


def installed(package: str) -> str:
    """A package with its version. Raises FileNotFoundError where it is not installed."""
    return str(_node_versions.installed(package))


async def run_node(script: Path, *args: str, timeout_s: float) -> NodeResult:
    """Run a script with these arguments until it ends.

    Raises:
        NodeError: Node or its packages are missing, the script ended with another exit code than
            0, or it printed something else than JSON objects.
        TimeoutError: it had not ended within `timeout_s`; it is killed.
    """
    if (reason := node_unavailable()) is not None:
        raise NodeError(reason)
    process = await asyncio.create_subprocess_exec(
        _node_versions.program(),
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
