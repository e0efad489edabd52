"""What a polling client knows of an event that was in the answer to a poll whose line broke."""

from __future__ import annotations

import asyncio

import socketio

from docs.upstream.asking import HOST, PATIENCE_S, others, python_socketio
from docs.upstream.telling import tell
from lab.relay.relay import Relay


async def observe() -> tuple[list[str], str]:
    """What the client heard of three events, the second lost with its line; and if it knows."""
    heard: list[str] = []
    came = asyncio.Event()

    def said(text: str) -> None:
        heard.append(text)
        came.set()

    def disconnected(reason: str) -> None:
        heard_of.append(reason)
        came.set()

    heard_of: list[str] = []
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    client.on("said", said)
    client.on("disconnect", disconnected)
    async with (
        asyncio.timeout(PATIENCE_S),
        python_socketio() as (server, port),
        Relay(HOST, port) as relay,
    ):
        await client.connect(f"http://{relay.host}:{relay.port}", transports=["polling"])
        await server.emit("said", "first")
        await came.wait()
        came.clear()
        relay.stall("down")
        await server.emit("said", "second")
        await others(port)
        relay.cut("rst")
        relay.resume("down")
        await server.emit("said", "third")
        await came.wait()
        knows = f"disconnected: {heard_of[0]}" if heard_of else "still connected"
        await client.eio.disconnect(abort=True)
    return heard, knows


if __name__ == "__main__":
    tell(__file__, observe)
