"""Connects the Socket.IO clients in Node and in Python, and lets them use the room."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import socketio
import socketio.exceptions

from lab.interop.node import run_node

CONNECT = Path(__file__).parent.parent / "js" / "connect.mjs"
PATIENCE_S = 30.0

Connect = Callable[[str, Mapping[str, Any]], Awaitable[str | None]]
"""Connects to a URL with the client's options; returns the transport in use, or None."""


async def by_node(url: str, options: Mapping[str, Any]) -> str | None:
    """Connect with the JavaScript client in Node."""
    result = await run_node(CONNECT, url, json.dumps(options), timeout_s=PATIENCE_S)
    found = result.lines[0]
    return str(found["transport"]) if found["answered"] else None


async def by_python(url: str, options: Mapping[str, Any]) -> str | None:
    """Connect with the Python client."""
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
        try:
            await client.connect(url, **options)
        except socketio.exceptions.ConnectionError:
            return None
        try:
            reply = await client.call("rooms", {}, timeout=PATIENCE_S)
            return str(client.transport()) if reply["type"] == "listing" else None
        finally:
            await client.disconnect()
