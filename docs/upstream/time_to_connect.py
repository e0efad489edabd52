"""How long a page waits for `connect` in the default mode, in round-trip times of 100 ms.

    python docs/upstream/time_to_connect.py

The page is Chromium's, with socket.io-client's bundle; the server is python-socketio as installed,
then with the patch of late_connect, then Node's.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from contextlib import AsyncExitStack

from docs.upstream.asking import HOST, python_socketio
from docs.upstream.telling import AS_JSON, tell
from lab.contract import ServeOptions
from lab.interop.outcome import Visit
from lab.interop.pages import SOCKETIO, Browsing, browse
from lab.relay.network import Network
from lab.relay.relay import Relay
from lab.service import ChatService
from transports.registry import load

ONE_WAY_NS = 50_000_000
RTT_MS = 2 * ONE_WAY_NS / 1e6
TIMES = 7


async def observe() -> float:
    """The median RTTs until `connect`, on python-socketio."""
    async with browse() as browsing, python_socketio(cors_allowed_origins="*") as (server, port):
        server.on("join", lambda *_: {"type": "joined"})
        return await _time(browsing, port)


async def _on_node() -> float:
    async with AsyncExitStack() as stack:
        browsing = await stack.enter_async_context(browse())
        options = ServeOptions(origins=(browsing.origin,))
        serving = load("node-socketio").serve(ChatService(), options)
        server = await stack.enter_async_context(serving)
        return await _time(browsing, server.address.port)


async def _time(browsing: Browsing, port: int) -> float:
    found = []
    async with Relay(HOST, port, network=Network(delay_ns=ONE_WAY_NS)) as relay:
        for number in range(TIMES):
            visit = Visit(f"http://{relay.host}:{relay.port}", f"room {number}", "somebody", 20)
            report = await browsing.attempt(SOCKETIO, visit)
            assert report.opened_ms is not None, report.said
            found.append(report.opened_ms / RTT_MS)
    return round(statistics.median(found), 1)


if __name__ == "__main__":
    tell(__file__, observe, patch="late_connect")
    if AS_JSON not in sys.argv:
        sys.stdout.write(f"Node:         {asyncio.run(_on_node())}\n")
