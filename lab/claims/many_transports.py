"""The claim `many-transports`: Socket.IO has six transports, and so works in almost any browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import captured_route, transports_asked_for
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.claims._support.listener import Listener
from lab.contract import ConnectOptions, ServeOptions
from lab.interop.node import node_unavailable, run_node
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from lab.service import ChatService
from transports import registry

SERVERS = ("socketio", "node-socketio")
CONNECT = Path(__file__).parent / "js" / "connect.mjs"
PATIENCE_S = 30.0
ROOM = "lobby"

CLAIMED: Mapping[str, Mapping[str, str]] = {
    "WebSocket": {"transport": "websocket"},
    "FlashSocket": {"transport": "flashsocket"},
    "AJAX long polling": {"transport": "polling"},
    "AJAX multipart streaming": {"transport": "xhr-multipart"},
    "IFrame": {"transport": "htmlfile"},
    "JSONP polling": {"transport": "polling", "j": "0"},
}
"""Transport as the documents call it -> the query of a client that requests it.

JSONP is polling with the number of a callback, `j`, since Engine.IO; before, it was a transport."""
OLD_NAMES = ("xhr-polling", "jsonp-polling")
"""The names of both kinds of polling up to Socket.IO 0.9."""


class Offer(msgspec.Struct, frozen=True):
    """How a current server answers a request for a transport: with an HTTP status."""

    server: str
    transport: str
    status: int
    opened: bool


def judge(offers: Iterable[Offer]) -> Verdict:
    """Judge whether the servers offer all the claimed transports, several of them, or one."""
    opened = {offer.transport for offer in offers if offer.opened} & CLAIMED.keys()
    if opened == CLAIMED.keys():
        return Verdict.HOLDS
    return Verdict.DEPENDS if len(opened) > 1 else Verdict.DOES_NOT_HOLD


async def offers_of(server: str, url: str) -> list[Offer]:
    """Request each transport from a server, by HTTP or by a WebSocket handshake."""
    named = {name: {"transport": name} for name in OLD_NAMES}
    async with aiohttp.ClientSession() as http:
        return [
            await _ask(http, server, name, f"{url}/socket.io/", {"EIO": "4", **query})
            for name, query in {**CLAIMED, **named}.items()
        ]


async def _ask(
    http: aiohttp.ClientSession, server: str, name: str, url: str, query: Mapping[str, str]
) -> Offer:
    if query["transport"] == "websocket":
        try:
            async with http.ws_connect(url, params=query):
                return Offer(server, name, 101, True)
        except aiohttp.WSServerHandshakeError as refused:
            return Offer(server, name, refused.status, False)
    async with http.get(url, params=query) as response:
        body = await response.text()
        return Offer(
            server, name, response.status, response.ok and '"sid"' in body.replace("\\", "")
        )


class Opening(msgspec.Struct, frozen=True):
    """How the current JavaScript client connects: the transports it knows, is offered, requests."""

    server: str
    known: tuple[str, ...]
    offered: tuple[str, ...]
    requested: tuple[str, ...]
    ended_on: str


async def opening(server: str, url: str, port: int) -> tuple[Opening, Capture]:
    """Let the client connect as installed, over a captured route."""
    async with captured_route(url, port) as route:
        result = await run_node(CONNECT, route.entrance, timeout_s=PATIENCE_S)
        capture = route.capture
    found = result.lines[0]
    known, offered = tuple(found["transports"]), tuple(found["offered"])
    requested = transports_asked_for(capture)
    return Opening(server, known, offered, requested, str(found["transport"])), capture


async def one_room(names: Iterable[str]) -> list[str]:
    """Serve these transports for one room, and return those on which every text arrived.

    One member per transport sends a text; all members have to receive all texts.
    """
    transports = [registry.load(name) for name in names]
    listeners = [Listener() for _ in transports]
    chat = ChatService()
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE_S):
        members = []
        for transport, listener in zip(transports, listeners, strict=True):
            server = await stack.enter_async_context(transport.serve(chat, ServeOptions()))
            members.append(await transport.connect(server.address.url, listener, ConnectOptions()))
            stack.push_async_callback(members[-1].close)
            await members[-1].join(ROOM, transport.name)
        said = [(ROOM, f"from {transport.name}") for transport in transports]
        for member, (room, text) in zip(members, said, strict=True):
            await member.say(room, text)
        for listener in listeners:
            await listener.has_heard(len(said))
    return [
        w.name for w, listener in zip(transports, listeners, strict=True) if listener.heard == said
    ]


async def test() -> Finding:
    """Request each transport from current servers, observe the client, and try the fallbacks."""
    needs(node_unavailable())
    offers: list[Offer] = []
    evidence: list[Bilingual] = []
    captures = {}
    for name in SERVERS:
        if name in registry.TRANSPORTS and registry.unavailable(name) is None:
            with ServerProcess(name) as server:
                mine = await offers_of(name, server.url)
                found, captures[name] = await opening(name, server.url, int(server.ready["port"]))
            offers += mine
            evidence += [_describe_offers(name, mine), _describe_opening(found)]
    fallbacks = [name for name in registry.FALLBACKS if registry.unavailable(name) is None]
    if fallbacks:
        carried = await one_room(fallbacks)
        evidence.append(
            OWN.fill(carried=len(carried), all=len(fallbacks), names=", ".join(carried))
        )
    opened = {offer.transport for offer in offers if offer.opened} & CLAIMED.keys()
    in_short = IN_SHORT.fill(opened=len(opened), claimed=len(CLAIMED))
    return Finding(judge(offers), in_short, tuple(evidence), captures)


IN_SHORT = Bilingual(
    "Current servers accept {opened} of the {claimed} transports that the documents list.",
    "지금의 서버는 문서에 나오는 전송 방식 {claimed}가지 중 {opened}가지를 받아들입니다.",
)
OWN = Bilingual(
    "The lab's own fallbacks: {carried} of {all} carry the same room, with servers and clients in "
    "Python ({names}).",
    "실험실이 만든 옛 방식: {all}가지 중 {carried}가지가 Python 서버와 클라이언트로 같은 방을 "
    "실행합니다 ({names}).",
)
OFFERS = Bilingual(
    "{server} accepts {opened}; it refuses {refused}.",
    "{server}: 받아들인 방식 {opened}. 거절한 방식 {refused}.",
)
OPENS = Bilingual(
    "{server}: the current JavaScript client knows {known}. The handshake offers an upgrade to "
    "{offered}. The client requested {requested}, and ended on {ended}.",
    "{server}: 지금의 JavaScript 클라이언트가 아는 방식은 {known}입니다. 핸드셰이크가 제안하는 "
    "업그레이드는 {offered}입니다. 클라이언트가 요청한 순서는 {requested}이고, 마지막 방식은 "
    "{ended}입니다.",
)
NOTHING = Bilingual("nothing", "없음")


def _describe_offers(server: str, offers: Iterable[Offer]) -> Bilingual:
    listed = list(offers)
    opened = ", ".join(f"{one.transport} ({one.status})" for one in listed if one.opened)
    refused = ", ".join(f"{one.transport} ({one.status})" for one in listed if not one.opened)
    return OFFERS.fill(server=server, opened=opened or NOTHING, refused=refused or NOTHING)


def _describe_opening(one: Opening) -> Bilingual:
    return OPENS.fill(
        server=one.server,
        known=", ".join(one.known),
        offered=", ".join(one.offered) or NOTHING,
        requested=" → ".join(one.requested),
        ended=one.ended_on,
    )


CLAIM = Claim(
    name="many-transports",
    said=Bilingual(
        "Besides WebSocket, Socket.IO can use FlashSocket, AJAX long polling, AJAX multipart "
        "streaming, an IFrame or JSONP polling. So it works in almost any browser.",
        "Socket.IO는 WebSocket뿐 아니라 FlashSocket, AJAX 롱 폴링, AJAX 멀티파트 스트리밍, "
        "IFrame, JSONP 폴링도 전송 방식으로 쓸 수 있어서 대부분의 브라우저에서 동작합니다.",
    ),
    experiment=Bilingual(
        "The lab requests each of the six transports from current servers. It observes which "
        "transports the current client knows and in which order it tries them. It runs the room "
        "on its own fallbacks.",
        "지금의 서버에 여섯 가지 전송 방식을 하나씩 요청합니다. 지금의 클라이언트가 어떤 방식을 "
        "알고 어떤 순서로 시도하는지 관찰합니다. 실험실이 직접 만든 옛 방식으로 같은 방을 "
        "실행합니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "It depends on the version. The list is that of Socket.IO up to 0.9 (multipart only up to "
        "0.6). Since 1.0 there are long-polling and WebSocket, later WebTransport. Servers still "
        "answer JSONP, but the JavaScript client dropped it in 4.3. Current browsers no longer "
        "need the others.",
        "버전에 따라 다릅니다. 이 목록은 Socket.IO 0.9까지의 것이고, 멀티파트는 0.6까지만 "
        "있었습니다. 1.0부터는 롱 폴링과 WebSocket, 나중에 WebTransport가 있습니다. 서버는 아직 "
        "JSONP에 응답하지만, JavaScript 클라이언트는 4.3에서 없앴습니다. 지금의 브라우저에는 "
        "나머지가 필요 없습니다.",
    ),
    test=test,
    notebook="05_the_fallbacks",
)
