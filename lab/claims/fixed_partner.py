"""The claim `fixed-partner`: each client has one server that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from lab.claims.claim import Claim, Finding, Verdict
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
BOTH_TRANSPORTS = {Capability.ENGINE_IO, Capability.HTTP_SESSION, Capability.WEBSOCKET}


class Partner(msgspec.Struct, frozen=True, order=True):
    """A server that a client chats with: the protocol that it speaks, the library that it is."""

    protocol: str
    library: str


def judge(partners: Mapping[str, Iterable[Partner]]) -> Verdict:
    """Whether each client has one library for a partner, one protocol, or neither.

    `partners`: client -> the servers that it chatted with; who chatted with none does not count.
    """
    found = [set(theirs) for theirs in partners.values() if theirs]
    if any(len({partner.protocol for partner in theirs}) > 1 for theirs in found):
        return Verdict.DOES_NOT_HOLD
    alone = all(len(theirs) == 1 for theirs in found)
    return Verdict.HOLDS if alone else Verdict.DEPENDS


async def test() -> Finding:
    """Let every client knock at every server of either protocol, as its manual begins."""
    wires = [registry.load(name) for name in registry.available()]
    servers = {wire.name: wire for wire in wires if _protocol(wire) and not wire.unsafe}
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
                theirs.add(_partner(servers[cell.wire]))
    evidence = [_told(client, theirs) for client, theirs in partners.items()]
    tapes = {cell.label: cell.tape for cell in cells if cell.tape is not None}
    return Finding(judge(partners), (*evidence, *await _older()), tapes)


def _protocol(wire: Transport) -> str | None:
    """What its server speaks; None for those that no client's default can reach."""
    if Capability.ROOM not in wire.capabilities:
        return None
    if Capability.NATIVE_FRAMES in wire.capabilities:
        return NATIVE
    return SOCKETIO if wire.capabilities >= BOTH_TRANSPORTS else None


def _partner(wire: Transport) -> Partner:
    protocol = _protocol(wire)
    assert protocol is not None
    return Partner(protocol, f"{wire.stack().server.name} in {wire.stack().language.name}")


def _told(client: str, theirs: Iterable[Partner]) -> str:
    by_protocol: dict[str, list[str]] = {}
    for partner in sorted(theirs):
        by_protocol.setdefault(partner.protocol, []).append(partner.library)
    whom = "; ".join(f"{name}: {', '.join(found)}" for name, found in by_protocol.items())
    return f"{client} chats with {whom or 'none of them'}."


async def _older() -> list[str]:
    """What a version's protocol decides: the same two libraries, with and without an option."""
    if node_unavailable() is not None:
        return []
    (said,) = (await run_node(OLDER, timeout_s=OLDER_S)).lines
    return [
        f"socket.io-client {said['client']} at socket.io {said['server']} in Node: "
        f"{said['default']}; with allowEIO3, which makes the server speak its protocol too: "
        f"{said['allowed']}."
    ]


CLAIM = Claim(
    name="fixed-partner",
    english=(
        "So each client has a fixed partner: a WebSocket client its WebSocket server, a Socket.IO "
        "client its Socket.IO server."
    ),
    korean=(
        "그래서 클라이언트마다 정해진 짝이 있다. WebSocket 클라이언트는 WebSocket 서버와, "
        "Socket.IO 클라이언트는 Socket.IO 서버와만 통한다."
    ),
    asked=(
        "Every client knocks at every WebSocket and Socket.IO server that can run here, whatever "
        "language it is written in, and has to be let into the room."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "The partner is whoever speaks the same protocol, in the same version. That makes it fixed "
        "in one sense and free in another: no client chats across protocols, but each does with "
        "several libraries in several languages, and a plain WebSocket that speaks Socket.IO's "
        "packets is a Socket.IO client like any other. Nor is the same name enough: an older "
        "Socket.IO client speaks an older protocol."
    ),
    test=test,
)
