"""Captures of other people's servers and clients: `python -m tests.decode.real` makes them.

Each client joins a room, says `TEXTS` and receives an answer to each, through the lab's relay on
loopback. What is kept in captures/real is what the tests read: they need no Node and no browser.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import socketio
import websockets.asyncio.client as websockets_client
import websockets.asyncio.server as websockets_server
from aiohttp import web
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

from lab.contract import ServeOptions
from lab.service import ChatService
from tests.decode.capture import Capture, tapped
from transports import registry

HERE = Path(__file__).parent
FOLDER = HERE / "captures" / "real"
TEXTS = ("x" * 32, "é 𒀀 and some more, " * 20, 'a "quoted" \\ <b>&</b>\n' + "y" * 130)
PATIENCE_S = 60.0

Serve = Callable[[], AbstractAsyncContextManager[int]]
"""Serves, and yields its port."""
Talk = Callable[[int], Awaitable[None]]
"""Talks to the server on a port."""

ANSWERS = {"join": "joined", "say": "said"}


def answer(command: dict[str, Any]) -> dict[str, Any]:
    return {**command, "type": ANSWERS[command["type"]]}


def commands() -> list[dict[str, Any]]:
    said = [{"type": "say", "id": n + 1, "room": "r", "text": t} for n, t in enumerate(TEXTS)]
    return [{"type": "join", "id": 0, "room": "r", "name": "ann"}, *said]


# Servers.


@asynccontextmanager
async def websockets_serves(**options: Any) -> AsyncIterator[int]:
    async def handle(socket: websockets_server.ServerConnection) -> None:
        async for text in socket:
            await socket.send(json.dumps(answer(json.loads(text))))

    async with websockets_server.serve(handle, "127.0.0.1", 0, **options) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def _aiohttp_socket(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(json.dumps(answer(json.loads(message.data))))
    return socket


async def _aiohttp_post(request: web.Request) -> web.StreamResponse:
    response = web.json_response(answer(await request.json()))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.enable_compression()
    return response


@asynccontextmanager
async def aiohttp_serves() -> AsyncIterator[int]:
    app = web.Application()
    app.add_routes([web.get("/", _aiohttp_socket), web.post("/", _aiohttp_post)])
    async with _running(app) as port:
        yield port


@asynccontextmanager
async def python_socketio_serves() -> AsyncIterator[int]:
    server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
    for name, reply in ANSWERS.items():

        async def handle(_sid: str, command: dict[str, Any], reply: str = reply) -> dict[str, Any]:
            return {**command, "type": reply}

        server.on(name, handle)
    app = web.Application()
    server.attach(app)
    async with _running(app) as port:
        yield port


@asynccontextmanager
async def _running(app: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def lab_serves(name: str) -> AsyncIterator[int]:
    async with registry.load(name).serve(ChatService(), ServeOptions()) as server:
        yield server.address.port


@asynccontextmanager
async def node_serves(role: str, **options: Any) -> AsyncIterator[int]:
    process = await _node(f"serve-{role}", options)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def _node(role: str, options: dict[str, Any]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    program = ("node", HERE / "peers.mjs", role, json.dumps(options))
    return await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe)


# Clients.


async def websockets_talks(port: int, *, fragments: bool = False, **options: Any) -> None:
    async with websockets_client.connect(f"ws://127.0.0.1:{port}/", **options) as client:
        for command in commands():
            text = json.dumps(command)
            await client.send(_pieces(text) if fragments else text)
            await client.recv()


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + 20] for at in range(0, len(text), 20))


async def aiohttp_talks(port: int, compress: int = 0) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://127.0.0.1:{port}/", compress=compress) as client,
    ):
        for command in commands():
            await client.send_str(json.dumps(command))
            await client.receive()


async def python_socketio_talks(port: int, transports: list[str]) -> None:
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(f"http://127.0.0.1:{port}", transports=transports)
    for command in commands():
        name = command.pop("type")
        command.pop("id")
        await client.call(name, command)
    await client.disconnect()


async def node_talks(port: int, role: str, **options: Any) -> None:
    scheme = "ws" if role == "ws" else "http"
    given = {"url": f"{scheme}://127.0.0.1:{port}", "texts": TEXTS, **options}
    process = await _node(f"talk-{role}", given)
    try:
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def curl_talks(port: int, *options: str) -> None:
    """One curl for all: it keeps its connection."""
    arguments: list[str] = []
    for command in commands():
        arguments += ["--next"] if arguments else []
        arguments += ["-sS", "-o", "/dev/null", *options, "-d", json.dumps(command)]
        arguments += [f"http://127.0.0.1:{port}/"]
    process = await asyncio.create_subprocess_exec("curl", *arguments)
    assert await process.wait() == 0


IN_THE_BROWSER = {
    "websocket": """async ([url, commands]) => {
        const socket = new WebSocket(url);
        await new Promise((done) => (socket.onopen = done));
        for (const command of commands) {
            socket.send(JSON.stringify(command));
            await new Promise((done) => (socket.onmessage = done));
        }
        const closed = new Promise((done) => (socket.onclose = done));
        socket.close();
        await closed;
    }""",
    "fetch": """async ([url, commands]) => {
        for (const command of commands) {
            const body = JSON.stringify(command);
            await (await fetch(url.replace("ws", "http"), { method: "POST", body })).json();
        }
    }""",
    "socket.io": """async ([url, commands]) => {
        const socket = io(url.replace("ws", "http"), { reconnection: false });
        await new Promise((done) => socket.once("connect", done));
        const { engine } = socket.io;
        if (engine.transport.name !== "websocket")
            await new Promise((done) => engine.once("upgrade", done));
        for (const { type, id, ...rest } of commands) await socket.emitWithAck(type, rest);
        socket.disconnect();
    }""",
}
SOCKET_IO_JS = HERE.parents[1] / "transports/node/node_modules/socket.io/client-dist/socket.io.js"


async def chromium_talks(port: int, how: str) -> None:
    # Only who makes captures needs a browser.
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        try:
            page = await browser.new_page()
            if how == "socket.io":
                await page.add_script_tag(path=SOCKET_IO_JS)
            url = f"ws://127.0.0.1:{port}/"
            await page.evaluate(IN_THE_BROWSER[how], [url, commands()])
        finally:
            await browser.close()


# Which are kept.

NO_TAKEOVER = {
    "serverNoContextTakeover": True,
    "clientNoContextTakeover": True,
    "threshold": 0,
}
SMALL_WINDOW = {"serverMaxWindowBits": 9, "clientMaxWindowBits": 9, "threshold": 0}
NO_TAKEOVER_SERVER = [ServerPerMessageDeflateFactory(True, True)]
NO_TAKEOVER_CLIENT = [ClientPerMessageDeflateFactory(True, True)]

REAL: dict[str, tuple[Serve, Talk]] = {
    "websockets, deflate without takeover": (
        partial(websockets_serves, compression=None, extensions=NO_TAKEOVER_SERVER),
        partial(websockets_talks, compression=None, extensions=NO_TAKEOVER_CLIENT),
    ),
    "websockets, fragments": (
        partial(websockets_serves, compression=None),
        partial(websockets_talks, compression=None, fragments=True),
    ),
    "websockets, deflated fragments": (
        websockets_serves,
        partial(websockets_talks, fragments=True),
    ),
    "aiohttp": (aiohttp_serves, aiohttp_talks),
    "aiohttp, deflate": (aiohttp_serves, partial(aiohttp_talks, compress=15)),
    "websockets to aiohttp, deflate": (aiohttp_serves, websockets_talks),
    "ws, deflate": (
        partial(node_serves, "ws", deflate={"threshold": 0}),
        partial(node_talks, role="ws", deflate={"threshold": 0}),
    ),
    "ws, deflate without takeover, fragments": (
        partial(node_serves, "ws", deflate=NO_TAKEOVER),
        partial(node_talks, role="ws", deflate={"threshold": 0}, fragments=True),
    ),
    "ws, deflate with a window of 512 bytes": (
        partial(node_serves, "ws", deflate=SMALL_WINDOW),
        partial(node_talks, role="ws", deflate=SMALL_WINDOW),
    ),
    "websockets to ws": (partial(node_serves, "ws", deflate=False), websockets_talks),
    "ws to aiohttp, fragments": (
        aiohttp_serves,
        partial(node_talks, role="ws", deflate=False, fragments=True),
    ),
    "socket.io": (
        partial(node_serves, "io", deflate=False),
        partial(node_talks, role="io", upgrade=True),
    ),
    "socket.io, websocket, deflate": (
        partial(node_serves, "io", deflate={"threshold": 0}),
        partial(node_talks, role="io", transports=["websocket"]),
    ),
    "socket.io, polling": (
        partial(node_serves, "io", deflate=False),
        partial(node_talks, role="io", transports=["polling"]),
    ),
    "python-socketio to socket.io": (
        partial(node_serves, "io", deflate=False),
        partial(python_socketio_talks, transports=["websocket"]),
    ),
    "socket.io to python-socketio, deflate": (
        python_socketio_serves,
        partial(node_talks, role="io", upgrade=True),
    ),
    "socket.io to tuned Socket.IO": (
        partial(lab_serves, "socketio-tuned"),
        partial(node_talks, role="io", upgrade=True),
    ),
    "websockets to tuned WebSocket": (partial(lab_serves, "websocket-tuned"), websockets_talks),
    "Chromium to aiohttp, deflate": (aiohttp_serves, partial(chromium_talks, how="websocket")),
    "Chromium to ws, deflate": (
        partial(node_serves, "ws", deflate={"threshold": 0}),
        partial(chromium_talks, how="websocket"),
    ),
    "Chromium to socket.io": (
        partial(node_serves, "io", deflate=False),
        partial(chromium_talks, how="socket.io"),
    ),
    "Chromium's fetch to aiohttp, gzip": (aiohttp_serves, partial(chromium_talks, how="fetch")),
    "curl to aiohttp": (aiohttp_serves, curl_talks),
    "curl to aiohttp, gzip, expectation, chunks": (
        aiohttp_serves,
        lambda port: curl_talks(
            port, "--compressed", "-H", "Expect: 100-continue", "-H", "Transfer-Encoding: chunked"
        ),
    ),
    "Node's fetch to Node's http, gzip": (
        partial(node_serves, "http"),
        partial(node_talks, role="fetch"),
    ),
}


def file_of(name: str) -> Path:
    words = "".join(char if char.isalnum() else " " for char in name.lower()).split()
    return FOLDER / f"{'-'.join(words)}.json"


def load(name: str) -> Capture:
    return msgspec.json.decode(file_of(name).read_bytes(), type=Capture)


async def make(name: str) -> Capture:
    serve, talk = REAL[name]
    async with asyncio.timeout(PATIENCE_S), serve() as port, tapped(port) as (relay, capture):
        await talk(relay.port)
    return capture


async def _make_all(names: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in names or REAL:
        capture = await make(name)
        file_of(name).write_bytes(msgspec.json.encode(capture) + b"\n")
        print(name, file_of(name).stat().st_size)


if __name__ == "__main__":
    asyncio.run(_make_all(sys.argv[1:]))
