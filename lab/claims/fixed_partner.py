"""The claim `fixed-partner`: each client works with one kind of server only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.contract import Capability, Transport
from lab.interop.clients import CLIENTS, NODE_START_S
from lab.interop.matrix import pairings, run
from lab.interop.node import node_unavailable, run_node
from lab.interop.outcome import Aim, State
from lab.interop.spoken import SPOKEN
from transports import registry

OLDER = Path(__file__).parent / "js" / "older_client.mjs"
OLDER_S = NODE_START_S + 10
NATIVE, SOCKETIO = "WebSocket", "Socket.IO"
BOTH_TRANSPORTS = {Capability.DEFAULT_PARSER, Capability.HTTP_SESSION, Capability.WEBSOCKET}


class Partner(msgspec.Struct, frozen=True, order=True):
    """A server that a client chats with: its protocol and its library."""

    protocol: str
    library: str


def judge(partners: Mapping[str, Iterable[Partner]]) -> Verdict:
    """Judge whether each client chats with one library, with one protocol, or with several.

    `partners`: client -> the servers that it chatted with. A client without any does not count.
    """
    found = [set(theirs) for theirs in partners.values() if theirs]
    if any(len({partner.protocol for partner in theirs}) > 1 for theirs in found):
        return Verdict.DOES_NOT_HOLD
    alone = all(len(theirs) == 1 for theirs in found)
    return Verdict.HOLDS if alone else Verdict.DEPENDS


async def test() -> Finding:
    """Connect every client to every server of both protocols, as the client's manual shows."""
    transports = [registry.load(name) for name in registry.available()]
    servers = {
        transport.name: transport
        for transport in transports
        if _protocol(transport) and not transport.unsafe
    }
    chosen = [
        *pairings(servers.values(), CLIENTS.values(), [Aim.PLAIN]),
        *pairings(servers.values(), [SPOKEN], [Aim.ENGINE_IO]),
    ]
    cells = (await run(chosen)).cells
    partners: dict[str, set[Partner]] = {}
    for cell in cells:
        if cell.state is not State.NOT_TESTED:
            theirs = partners.setdefault(cell.client, set())
            if cell.state is State.CHATS:
                theirs.add(_partner(servers[cell.transport]))
    evidence = [_describe(client, theirs) for client, theirs in partners.items()]
    captures = {cell.label: cell.capture for cell in cells if cell.capture is not None}
    counts = [len(theirs) for theirs in partners.values() if theirs]
    across = sum(len({it.protocol for it in theirs}) > 1 for theirs in partners.values())
    in_short = IN_SHORT.fill(
        clients=len(counts),
        least=min(counts, default=0),
        most=max(counts, default=0),
        across=across,
    )
    return Finding(judge(partners), in_short, (*evidence, *await _older()), captures)


IN_SHORT = Bilingual(
    "{clients} clients chat with {least} to {most} server libraries each; {across} of them with "
    "both protocols.",
    "클라이언트 {clients}개가 각각 서버 라이브러리 {least}~{most}개와 채팅하며, 두 프로토콜 "
    "모두와 채팅하는 것은 {across}개입니다.",
)
CHATS = Bilingual("{client} chats with {whom}.", "{client}: 채팅할 수 있는 서버는 {whom}.")
NONE = Bilingual("none of them", "없음")
OLDER_SEEN = Bilingual(
    "socket.io-client {client} at socket.io {server} in Node: {default}; with allowEIO3, which "
    "adds the client's older protocol: {allowed}.",
    "Node에서 socket.io-client {client} → socket.io {server}: {default}. 클라이언트의 오래된 "
    "프로토콜을 더하는 allowEIO3을 켜면: {allowed}.",
)
CONNECTS = Bilingual("connects", "연결됨")
REFUSED = Bilingual("does not connect", "연결되지 않음")


def _protocol(transport: Transport) -> str | None:
    """The protocol of the server; None where no client reaches it with default options."""
    if Capability.ROOM not in transport.capabilities:
        return None
    if Capability.NATIVE_FRAMES in transport.capabilities:
        return NATIVE
    return SOCKETIO if transport.capabilities >= BOTH_TRANSPORTS else None


def _partner(transport: Transport) -> Partner:
    protocol = _protocol(transport)
    assert protocol is not None
    return Partner(
        protocol, f"{transport.stack().server.name} in {transport.stack().language.name}"
    )


def _describe(client: str, theirs: Iterable[Partner]) -> Bilingual:
    by_protocol: dict[str, list[str]] = {}
    for partner in sorted(theirs):
        by_protocol.setdefault(partner.protocol, []).append(partner.library)
    whom = "; ".join(f"{name}: {', '.join(found)}" for name, found in by_protocol.items())
    return CHATS.fill(client=client, whom=whom or NONE)


async def _older() -> list[Bilingual]:
    """Compare two versions of the JavaScript library, with and without an option of the server."""
    if node_unavailable() is not None:
        return []
    (said,) = (await run_node(OLDER, timeout_s=OLDER_S)).lines
    ends = {how: CONNECTS if said[how] == "connects" else REFUSED for how in ("default", "allowed")}
    return [OLDER_SEEN.fill(client=said["client"], server=said["server"], **ends)]


CLAIM = Claim(
    name="fixed-partner",
    said=Bilingual(
        "Each client has a fixed partner: a WebSocket client works with its WebSocket server, and "
        "a Socket.IO client with its Socket.IO server.",
        "클라이언트마다 정해진 짝이 있습니다. WebSocket 클라이언트는 WebSocket 서버와, Socket.IO "
        "클라이언트는 Socket.IO 서버와만 통신합니다.",
    ),
    experiment=Bilingual(
        "Every client connects to every WebSocket and Socket.IO server that can run here, in any "
        "language, and tries to join the room.",
        "모든 클라이언트가 여기서 실행할 수 있는 모든 WebSocket 서버와 Socket.IO 서버에, 언어와 "
        "관계없이 연결하고 방에 들어가 봅니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "The partner is any server that speaks the same protocol in the same version. No client "
        "chats across protocols, but each client chats with several libraries in several "
        "languages. A plain WebSocket client that sends Socket.IO's packets works like any other "
        "Socket.IO client. The same name is not enough: an older Socket.IO client speaks an older "
        "protocol.",
        "짝은 같은 프로토콜의 같은 버전을 말하는 서버라면 어느 것이든 됩니다. 프로토콜을 넘어서 "
        "채팅하는 클라이언트는 없지만, 각 클라이언트는 여러 언어의 여러 라이브러리와 채팅합니다. "
        "Socket.IO의 패킷을 보내는 순수한 WebSocket 클라이언트는 다른 Socket.IO 클라이언트와 "
        "똑같이 동작합니다. 이름이 같다고 충분하지는 않습니다. 오래된 Socket.IO 클라이언트는 "
        "오래된 프로토콜을 씁니다.",
    ),
    test=test,
)
