"""Real conversations on loopback, tapped; `python -m tests.decode.capture` keeps them in captures/.

Each is one client that joins a room, says three lines, receives each, and stays for a heartbeat.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import socketio
import websockets.asyncio.client as websockets_client
import websockets.asyncio.server as websockets_server
from aiohttp import web

from lab.relay.relay import Chunk, ConnectionEvent, Relay

FOLDER = Path(__file__).parent / "captures"
TEXT = "x" * 32
LINES = 3
PING_S = 1


class Capture(msgspec.Struct):
    """What a relay saw of one conversation."""

    chunks: list[Chunk]
    events: list[ConnectionEvent]


def load(name: str) -> Capture:
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=Capture)


@asynccontextmanager
async def tapped(port: int) -> AsyncIterator[tuple[Relay, Capture]]:
    capture = Capture([], [])
    async with Relay(
        "127.0.0.1", port, tap=capture.chunks.append, watch=capture.events.append
    ) as relay:
        yield relay, capture


async def _answer(socket: websockets_server.ServerConnection) -> None:
    async for text in socket:
        command = json.loads(text)
        number, room = command["id"], command["room"]
        if command["type"] == "join":
            await socket.send(json.dumps({"type": "joined", "id": number, "room": room}))
        else:
            await socket.send(
                json.dumps({"type": "said", "id": number, "room": room, "seq": number})
            )
            event = {"type": "message", "room": room, "seq": number, "text": command["text"]}
            await socket.send(json.dumps(event))


async def native(compression: str | None = None) -> Capture:
    """`websockets` on both sides; the server pings, the client does not."""
    async with (
        websockets_server.serve(
            _answer, "127.0.0.1", 0, compression=compression, ping_interval=PING_S
        ) as server,
        tapped(next(iter(server.sockets)).getsockname()[1]) as (relay, capture),
        websockets_client.connect(
            f"ws://127.0.0.1:{relay.port}/", compression=compression, ping_interval=None
        ) as client,
    ):
        await client.send(json.dumps({"type": "join", "id": 0, "room": "r", "name": "ada"}))
        await client.recv()
        for number in range(1, LINES + 1):
            say = {"type": "say", "id": number, "room": "r", "text": TEXT}
            await client.send(json.dumps(say))
            await client.recv()
            await client.recv()
        await asyncio.sleep(PING_S * 1.2)
    return capture


def _server() -> Any:
    server = socketio.AsyncServer(
        async_mode="aiohttp", ping_interval=PING_S, ping_timeout=5, http_compression=False
    )

    async def join(sid: str, command: dict[str, Any]) -> dict[str, Any]:
        await server.enter_room(sid, command["room"])
        return {"type": "joined", "room": command["room"]}

    async def say(sid: str, command: dict[str, Any]) -> dict[str, Any]:
        await server.emit("message", {"room": command["room"], "text": command["text"]}, to="r")
        return {"type": "said", "room": command["room"]}

    server.on("join", join)
    server.on("say", say)
    return server


async def _talk(client: Any) -> None:
    arrived: asyncio.Queue[Any] = asyncio.Queue()
    client.on("message", arrived.put)
    await client.call("join", {"room": "r", "name": "ada"})
    for _ in range(LINES):
        await client.call("say", {"room": "r", "text": TEXT})
        await arrived.get()
    await asyncio.sleep(PING_S * 1.2)


async def socket_io(transports: list[str] | None) -> Capture:
    """python-socketio on aiohttp, and its client."""
    app = web.Application()
    _server().attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with (
            aiohttp.ClientSession() as http,
            tapped(runner.addresses[0][1]) as (relay, capture),
        ):
            client = socketio.AsyncClient(reconnection=False, http_session=http)
            await client.connect(f"http://127.0.0.1:{relay.port}", transports=transports)
            await _talk(client)
            # A polling client would wait for its parked GET: no use to a capture.
            with suppress(TimeoutError):
                await asyncio.wait_for(client.disconnect(), 0.5)
    finally:
        await runner.cleanup()
    return capture


TRANSPORTS: dict[str, Callable[[], Awaitable[Capture]]] = {
    "native": native,
    "native-deflate": lambda: native("deflate"),
    "socketio-websocket": lambda: socket_io(["websocket"]),
    "socketio-polling": lambda: socket_io(["polling"]),
    "socketio": lambda: socket_io(None),
}


async def _write_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, transport in TRANSPORTS.items():
        (FOLDER / f"{name}.json").write_bytes(msgspec.json.encode(await transport()) + b"\n")


if __name__ == "__main__":
    asyncio.run(_write_all())
