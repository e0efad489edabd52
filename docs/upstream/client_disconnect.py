"""What arrives of the events that a client emits right before it disconnects."""

from __future__ import annotations

import asyncio

import socketio

from docs.upstream.asking import HOST, PATIENCE_S, python_socketio
from docs.upstream.telling import tell

EVENTS = 10


async def observe() -> tuple[int, str]:
    """How many events arrived, and the reason that the server's handler is given."""
    heard: list[str] = []
    reasons: list[str] = []
    gone = asyncio.Event()

    def disconnected(_sid: str, reason: str) -> None:
        reasons.append(reason)
        gone.set()

    async with python_socketio(async_handlers=False) as (server, port):
        server.on("said", lambda _sid, text: heard.append(text))
        server.on("disconnect", disconnected)
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        await client.connect(f"http://{HOST}:{port}", transports=["websocket"])
        for number in range(EVENTS):
            await client.emit("said", str(number))
        await client.disconnect()
        async with asyncio.timeout(PATIENCE_S):
            await gone.wait()
        await client.eio.wait()
    return len(heard), reasons[0]


if __name__ == "__main__":
    tell(__file__, observe)
