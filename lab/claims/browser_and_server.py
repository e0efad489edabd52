"""The claim `browser-and-server`: WebSocket is a protocol between a browser and a server."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.interop.chromium import chromium_unavailable
from lab.interop.clients import CLIENTS
from lab.interop.matrix import pairings, run
from lab.interop.outcome import Aim, Cell, State
from transports import registry

SERVERS = ("websocket", "node-websocket")


class Chatting(msgspec.Struct, frozen=True):
    """A WebSocket client, whether it is a browser, and with how many servers it chats."""

    client: str
    browser: bool
    chats: int
    servers: int


def judge(found: Iterable[Chatting]) -> Verdict:
    """Judge whether only browsers chat with a server, browsers and others, or no browser."""
    chatting = [it.browser for it in found if it.chats]
    if not any(chatting):
        return Verdict.DOES_NOT_HOLD
    return Verdict.HOLDS if all(chatting) else Verdict.DEPENDS


def count(cells: Iterable[Cell]) -> list[Chatting]:
    """Count the servers with which each client chats."""
    by_client: dict[str, list[bool]] = {}
    for cell in cells:
        if cell.state is not State.NOT_TESTED:
            by_client.setdefault(cell.client, []).append(cell.state is State.CHATS)
    return [
        Chatting(name, CLIENTS[name].in_browser, sum(chats), len(chats))
        for name, chats in by_client.items()
    ]


async def test() -> Finding:
    """Let a browser and programs without one chat over WebSocket."""
    needs(chromium_unavailable())
    transports = [registry.load(name) for name in SERVERS if registry.unavailable(name) is None]
    native = (client for client in CLIENTS.values() if client.family == "native")
    cells = (await run(list(pairings(transports, native, [Aim.PLAIN])))).cells
    found = count(cells)
    in_short = IN_SHORT.fill(
        browsers=sum(it.browser and it.chats > 0 for it in found),
        others=sum(not it.browser and it.chats > 0 for it in found),
    )
    captures = {cell.label: cell.capture for cell in cells if cell.capture is not None}
    return Finding(judge(found), in_short, tuple(map(_describe, found)), captures)


IN_SHORT = Bilingual(
    "{browsers} browser and {others} programs without a browser chat with the same servers.",
    "브라우저 {browsers}개와 브라우저가 아닌 프로그램 {others}개가 같은 서버와 채팅합니다.",
)
SEEN = Bilingual(
    "{client} ({kind}) chats with {chats} of {servers} servers.",
    "{client} ({kind}): 서버 {servers}개 중 {chats}개와 채팅합니다.",
)
BROWSER, PROGRAM = Bilingual("a browser", "브라우저"), Bilingual("a program", "프로그램")


def _describe(it: Chatting) -> Bilingual:
    kind = BROWSER if it.browser else PROGRAM
    return SEEN.fill(client=it.client, kind=kind, chats=it.chats, servers=it.servers)


CLAIM = Claim(
    name="browser-and-server",
    said=Bilingual(
        "WebSocket is basically a protocol between a browser and a server.",
        "WebSocket은 기본적으로 브라우저와 서버 사이의 프로토콜입니다.",
    ),
    experiment=Bilingual(
        "A page in Chromium, a program in Python and one in Node each use the room over "
        "WebSocket, on a server in Python and on one in Node.",
        "Chromium의 페이지와 Python 프로그램과 Node 프로그램이 각각 WebSocket으로 방을 "
        "사용합니다. Python 서버와 Node 서버에서 시험합니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "It was made for browsers, and its mask and its Origin header protect what a browser "
        "needs protected. But a client need not be one. Any program can open a WebSocket, a "
        "server to another server too, and the server can't tell the difference.",
        "WebSocket은 브라우저를 위해 만들어졌고, 마스크와 Origin 헤더는 브라우저에 필요한 "
        "보호입니다. 하지만 클라이언트가 꼭 브라우저일 필요는 없습니다. 어떤 프로그램이든, 서버가 "
        "다른 서버에 연결할 때도 WebSocket을 열 수 있고, 서버는 그 차이를 알 수 없습니다.",
    ),
    test=test,
)
