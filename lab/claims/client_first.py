"""The claim `client-first`: the client side is set up first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from functools import partial

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.socketio_clients import by_node, by_python
from lab.contract import ServeOptions
from lab.interop.clients import CLIENTS
from lab.interop.node import node_unavailable
from lab.interop.outcome import Visit
from lab.relay.relay import Relay
from lab.service import ChatService
from transports import registry

NATIVE, SOCKETIO = "websocket", "socketio"
PATIENCE_S = 30.0
POLL_S = 0.01
OFTEN = {"reconnectionAttempts": 1000}
"""A client in Node tries again for ever as installed; the script's own limit is 2."""
RETRY = {"retry": True}

Connect = Callable[[str], Awaitable[bool]]
"""Connects to a URL; returns whether the room answered."""


class Start(msgspec.Struct, frozen=True):
    """A client that started before its server. `as_installed`: without an option to try again.

    `dialed`: the TCP connections that it opened, until it was connected or gave up.
    """

    client: str
    as_installed: bool
    connected: bool
    dialed: int = 1


def judge(starts: Iterable[Start]) -> Verdict:
    """Judge whether all clients may start first as installed, some, or none."""
    return verdict_of(start.connected for start in starts if start.as_installed)


async def _native(client: str, url: str) -> bool:
    return (await CLIENTS[client].attempt(Visit(url, "lobby", client, PATIENCE_S), None)).joined


async def _node(url: str) -> bool:
    return await by_node(url, OFTEN) is not None


async def _python(retry: bool, url: str) -> bool:
    return await by_python(url, RETRY if retry else {}) is not None


STARTS: tuple[tuple[str, str, bool, Connect], ...] = (
    ("websockets", NATIVE, True, partial(_native, "websockets")),
    ("ws", NATIVE, True, partial(_native, "ws")),
    ("socket.io-client", SOCKETIO, True, _node),
    ("python-socketio", SOCKETIO, True, partial(_python, False)),
    ("python-socketio, `retry=True`", SOCKETIO, False, partial(_python, True)),
)
"""Client, the transport of its server, whether it is as installed, and how it connects."""


async def start_first(client: str, transport: str, installed: bool, connect: Connect) -> Start:
    """Start a client; when its first attempt has failed, start the server, and see what comes."""
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE_S):
        port = await _free_port()
        relay = await stack.enter_async_context(Relay("127.0.0.1", port))
        scheme = "ws" if transport == NATIVE else "http"
        connecting = asyncio.ensure_future(connect(f"{scheme}://127.0.0.1:{relay.port}"))
        while not relay.opened or relay.connections:  # noqa: ASYNC110 - the relay has no event
            await asyncio.sleep(POLL_S)
        serving = registry.load(transport).serve(ChatService(), ServeOptions(port=port))
        await stack.enter_async_context(serving)
        connected = await connecting
        return Start(client, installed, connected, relay.opened)


async def _free_port() -> int:
    """Return a port on which nothing listens."""
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
    return port


async def test() -> Finding:
    """Start each client before its server."""
    needs(node_unavailable())
    starts = await asyncio.gather(*(start_first(*each) for each in STARTS))
    installed = [it for it in starts if it.as_installed]
    in_short = IN_SHORT.fill(
        connected=sum(it.connected for it in installed), clients=len(installed)
    )
    return Finding(judge(starts), in_short, tuple(map(_describe, starts)))


IN_SHORT = Bilingual(
    "{connected} of {clients} clients that started before their server were connected in the end, "
    "as installed.",
    "서버보다 먼저 시작한 클라이언트 {clients}개 중 {connected}개가 설치된 그대로 나중에 "
    "연결되었습니다.",
)
SEEN = Bilingual(
    "{client} started first: {ended}. TCP connections opened: {dialed}.",
    "{client}, 먼저 시작: {ended}. 연 TCP 연결 {dialed}개.",
)
CONNECTED = Bilingual("connected once the server was there", "서버가 생기자 연결됨")
GAVE_UP = Bilingual("gave up", "포기함")


def _describe(it: Start) -> Bilingual:
    ended = CONNECTED if it.connected else GAVE_UP
    return SEEN.fill(client=it.client, ended=ended, dialed=it.dialed)


CLAIM = Claim(
    name="client-first",
    said=Bilingual(
        "The client side is set up first, and then the server.",
        "클라이언트 쪽을 먼저 준비하고 그다음에 서버를 준비합니다.",
    ),
    experiment=Bilingual(
        "Each client starts while no server is there. When its first attempt has failed, the "
        "server starts.",
        "서버가 없을 때 각 클라이언트를 시작합니다. 첫 시도가 실패한 다음에 서버를 시작합니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "You may write the two in any order, because they share only an address and a format. "
        "When they run, the client opens the connection, so the server has to listen before. A "
        "client that starts first is connected only if it tries again: JavaScript's Socket.IO "
        "client does so by itself, a plain WebSocket does not.",
        "둘은 주소와 형식만 공유하므로 어느 것을 먼저 작성해도 됩니다. 실행할 때는 클라이언트가 "
        "연결을 열기 때문에 서버가 먼저 기다리고 있어야 합니다. 먼저 시작한 클라이언트는 다시 "
        "시도할 때만 연결됩니다. JavaScript의 Socket.IO 클라이언트는 스스로 다시 시도하고, 순수한 "
        "WebSocket은 하지 않습니다.",
    ),
    test=test,
)
