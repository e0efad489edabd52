"""Whether a client that answers pings and never enters a namespace is ever given up."""

from __future__ import annotations

import asyncio

from docs.upstream.asking import PATIENCE_S, python_socketio, ws
from docs.upstream.telling import tell

PINGS = 3


async def observe() -> str:
    """How it ends, with one ping a second and a patience of one second where there is one."""
    async with python_socketio(ping_interval=1, ping_timeout=20) as (server, port):
        server.connect_timeout = 1
        async with asyncio.timeout(PATIENCE_S), ws(port) as line:
            await line.recv()
            pings = 0
            while pings < PINGS:
                packet = await line.recv()
                if packet == "1":
                    return "given up"
                if packet == "2":
                    pings += 1
                    await line.send("3")
            return f"still there after {PINGS} pings"


if __name__ == "__main__":
    tell(__file__, observe)
