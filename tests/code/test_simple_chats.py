"""The simple chats: messages stay in their rooms, and clients come back to their room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from socketio.exceptions import BadNamespaceError
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from lab.claims import guaranteed_delivery
from lab.interop.node import node_unavailable, run_node
from lab.relay.relay import Relay
from lab.simple_chats import native, on_socketio
from tests.interop.conftest import needs

HERE = Path(__file__).parent
CHATS = Path(native.__file__).parent
ROUTE = guaranteed_delivery.INTERRUPTED.with_name("cuttable_route.mjs")
PATIENCE_S = 30.0
AGAIN_S = 0.05
ROOMS = {"ann": "a", "ben": "a", "eve": "b"}
NOT_CONNECTED = (AttributeError, BadNamespaceError, ConnectionClosed)

Heard = dict[str, list[str]]
Serving = Callable[[], AbstractAsyncContextManager[int]]


def check(heard: Heard) -> None:
    """Each member hears its own room, before and after the break, and no other room."""
    for name, texts in heard.items():
        assert f"first: {name} is in" in texts
        assert f"second: {name} is in" in texts
    assert {"hello", "hello again"} <= set(heard["ann"]) & set(heard["ben"])
    assert {text for text in heard["eve"] if "eve is in" not in text} == {"the end"}
    assert not [text for name in ("ann", "ben") for text in heard[name] if "eve" in text]


@pytest.mark.parametrize(
    ("file", "server", "client", "scheme"),
    [("native", "ws", "ws", "ws"), ("on_socketio", "socket.io", "socket.io-client", "http")],
    ids=["native", "Socket.IO"],
)
async def test_the_chat_in_javascript(file: str, server: str, client: str, scheme: str) -> None:
    needs(node_unavailable())
    arguments = (str(CHATS / f"{file}.mjs"), str(ROUTE), server, client, scheme)
    (heard,) = (await run_node(HERE / "simple_chat.mjs", *arguments, timeout_s=PATIENCE_S)).lines
    check(heard)


@asynccontextmanager
async def serve_native() -> AsyncIterator[int]:
    async with serve(native.Chat().handle, "127.0.0.1", 0) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@asynccontextmanager
async def serve_socketio() -> AsyncIterator[int]:
    runner = web.AppRunner(on_socketio.Chat().app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("module", "scheme", "serving"),
    [(native, "ws", serve_native), (on_socketio, "http", serve_socketio)],
    ids=["native", "Socket.IO"],
)
async def test_the_chat_in_python(module: Any, scheme: str, serving: Serving) -> None:
    heard: Heard = {name: [] for name in ROOMS}
    async with (
        asyncio.timeout(PATIENCE_S),
        serving() as port,
        Relay("127.0.0.1", port) as relay,
        asyncio.TaskGroup() as group,
    ):
        members = {
            name: module.Client(f"{scheme}://127.0.0.1:{relay.port}", room, heard[name].append)
            for name, room in ROOMS.items()
        }
        running = [group.create_task(member.run()) for member in members.values()]
        await all_in("first", members, heard)
        await until_heard(members["ann"], "hello", heard["ann"], heard["ben"])
        relay.cut()
        await all_in("second", members, heard)
        await until_heard(members["ann"], "hello again", heard["ann"], heard["ben"])
        await until_heard(members["eve"], "the end", heard["eve"])
        for task in running:
            task.cancel()
    check(heard)


async def all_in(when: str, members: dict[str, Any], heard: Heard) -> None:
    for name, member in members.items():
        await until_heard(member, f"{when}: {name} is in", heard[name])


async def until_heard(member: Any, text: str, *listeners: list[str]) -> None:
    """Repeat a text until it is heard: a client does not say when it is in its room."""
    while not all(text in heard for heard in listeners):
        with suppress(*NOT_CONNECTED):
            await member.say(text)
        await asyncio.sleep(AGAIN_S)
