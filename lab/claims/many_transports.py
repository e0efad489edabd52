"""The claim `many-transports`: Socket.IO has six ways to carry a message, one for any browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import msgspec

from lab.claims.claim import Claim, Finding, Verdict, needs
from lab.claims.listener import Listener
from lab.claims.taped import taped, transports_asked_for
from lab.contract import ConnectOptions, ServeOptions
from lab.interop.node import node_unavailable, run_node
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from lab.service import ChatService
from transports import registry

SERVERS = ("socketio", "node-socketio")
CONNECT = Path(__file__).parent / "js" / "connect.mjs"
PATIENCE_S = 30.0
ROOM = "museum"

CLAIMED: Mapping[str, Mapping[str, str]] = {
    "WebSocket": {"transport": "websocket"},
    "FlashSocket": {"transport": "flashsocket"},
    "AJAX long polling": {"transport": "polling"},
    "AJAX multipart streaming": {"transport": "xhr-multipart"},
    "IFrame": {"transport": "htmlfile"},
    "JSONP polling": {"transport": "polling", "j": "0"},
}
"""What the documents list -> how a client asks for it. JSONP is polling with a callback's number:
`j` since Engine.IO, and a transport by name before."""
OLD_NAMES = ("xhr-polling", "jsonp-polling")
"""What the two kinds of polling were called up to Socket.IO 0.9."""


class Offer(msgspec.Struct, frozen=True):
    """What one of today's servers answers to who asks for a transport: an HTTP status."""

    server: str
    transport: str
    status: int
    opened: bool


def judge(offers: Iterable[Offer]) -> Verdict:
    """Whether all the claimed transports are there, on some server; or a few of them, or one."""
    opened = {offer.transport for offer in offers if offer.opened} & CLAIMED.keys()
    if opened == CLAIMED.keys():
        return Verdict.HOLDS
    return Verdict.DEPENDS if len(opened) > 1 else Verdict.DOES_NOT_HOLD


async def offers_of(server: str, url: str) -> list[Offer]:
    """Ask for each transport, by HTTP or by a WebSocket handshake."""
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
    """How today's JavaScript client connects: what it knows, is offered, and asks for, in order."""

    server: str
    known: tuple[str, ...]
    offered: tuple[str, ...]
    asked: tuple[str, ...]
    ended_on: str


async def opening(server: str, url: str, port: int) -> tuple[Opening, Tape]:
    """Let the client connect as it is installed, over a taped line."""
    async with taped(url, port) as line:
        result = await run_node(CONNECT, line.entrance, timeout_s=PATIENCE_S)
        tape = line.tape
    found = result.lines[0]
    known, offered = tuple(found["transports"]), tuple(found["offered"])
    asked = transports_asked_for(tape)
    return Opening(server, known, offered, asked, str(found["transport"])), tape


async def one_room(names: Iterable[str]) -> list[str]:
    """Serve these wires side by side on one room, and return those that carried all of it.

    One member comes over each wire and says something; all must hear all.
    """
    wires = [registry.load(name) for name in names]
    ears = [Listener() for _ in wires]
    chat = ChatService()
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE_S):
        members = []
        for wire, listener in zip(wires, ears, strict=True):
            server = await stack.enter_async_context(wire.serve(chat, ServeOptions()))
            members.append(await wire.connect(server.address.url, listener, ConnectOptions()))
            stack.push_async_callback(members[-1].close)
            await members[-1].join(ROOM, wire.name)
        said = [(ROOM, f"from {wire.name}") for wire in wires]
        for member, (room, text) in zip(members, said, strict=True):
            await member.say(room, text)
        for listener in ears:
            await listener.has_heard(len(said))
    return [w.name for w, listener in zip(wires, ears, strict=True) if listener.heard == said]


async def test() -> Finding:
    """Ask today's servers for each transport, today's client for its order, and the lab's own."""
    needs(node_unavailable())
    offers: list[Offer] = []
    evidence: list[str] = []
    tapes = {}
    for name in SERVERS:
        if name in registry.WIRES and registry.unavailable(name) is None:
            with ServerProcess(name) as server:
                mine = await offers_of(name, server.url)
                found, tapes[name] = await opening(name, server.url, int(server.ready["port"]))
            offers += mine
            evidence += [_told_offers(name, mine), _told_opening(found)]
    museum = [name for name in registry.FALLBACKS if registry.unavailable(name) is None]
    if museum:
        carried = await one_room(museum)
        evidence.append(
            f"The lab's own bare wires: {len(carried)} of {len(museum)} carry one and the same "
            f"room today, as servers and clients in Python ({', '.join(carried)})."
        )
    return Finding(judge(offers), tuple(evidence), tapes)


def _told_offers(server: str, offers: Iterable[Offer]) -> str:
    listed = list(offers)
    opened = ", ".join(f"{one.transport} ({one.status})" for one in listed if one.opened)
    refused = ", ".join(f"{one.transport} ({one.status})" for one in listed if not one.opened)
    return f"{server} answers {opened or 'nothing'}; it refuses {refused or 'nothing'}."


def _told_opening(one: Opening) -> str:
    return (
        f"{one.server}: today's JavaScript client knows {', '.join(one.known)}; the handshake "
        f"offers to upgrade to {', '.join(one.offered) or 'nothing'}; the client asked for "
        f"{', then '.join(one.asked)}, and ended on {one.ended_on}."
    )


CLAIM = Claim(
    name="many-transports",
    english=(
        "Besides WebSocket, Socket.IO can use FlashSocket, AJAX long polling, AJAX multipart "
        "streaming, an IFrame or JSONP polling, and so works in almost any browser."
    ),
    korean=(
        "Socket.IO는 WebSocket뿐 아니라 FlashSocket, AJAX 롱 폴링, AJAX 멀티파트 스트리밍, "
        "IFrame, JSONP 폴링도 전송 방식으로 쓸 수 있어서 대부분의 브라우저에서 동작한다."
    ),
    asked=(
        "Today's servers are asked for each of the six transports, today's client for those it "
        "knows and their order, and the lab's own bare wires for the room."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "It depends on the version: the list is that of Socket.IO up to 0.9 (multipart only up to "
        "0.6). Since 1.0 there are long-polling and WebSocket, later WebTransport; JSONP is still "
        "answered by servers, but the JavaScript client dropped it in 4.3. What the others did, "
        "browsers no longer need."
    ),
    test=test,
)
