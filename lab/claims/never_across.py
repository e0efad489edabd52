"""The claim `never-across`: WebSocket and Socket.IO clients can't reach each other's servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.claims.claim import Claim, Finding, NotTestable, Verdict
from lab.contract import Capability, Transport
from lab.interop.clients import CLIENTS
from lab.interop.matrix import pairings, run
from lab.interop.outcome import Aim, Cell, State
from lab.interop.spoken import SPOKEN
from lab.interop.words import refused_with, span_ms
from transports import registry

PATIENCE_S = 5.0
SERVERS = ("websocket", "socketio", "node-websocket", "node-socketio")
"""A WebSocket server and a Socket.IO server, in each language that can run here."""
CONNECTED = (State.CHATS, State.CONNECTS)

WAYS = {
    ("native", Aim.PLAIN): "WebSocket clients, given a Socket.IO server's address",
    ("native", Aim.ENGINE_IO): "WebSocket clients, given Engine.IO's path at a Socket.IO server",
    ("socket.io", Aim.PLAIN): "Socket.IO clients, given a WebSocket server's address",
    ("socket.io", Aim.ENGINE_IO): "Socket.IO clients that use nothing but WebSocket, there",
}
"""A client's family and its aim -> what the sentence of its evidence begins with."""


def judge(native_at_socketio: Iterable[Cell], socketio_at_native: Iterable[Cell]) -> Verdict:
    """Whether nobody got across, somebody in one direction only, or somebody in both.

    Who speaks the other side's protocol by hand is a WebSocket client too.
    """
    crossed = [
        any(cell.state in CONNECTED for cell in cells)
        for cells in (native_at_socketio, socketio_at_native)
    ]
    if all(crossed):
        return Verdict.DOES_NOT_HOLD
    return Verdict.DEPENDS if any(crossed) else Verdict.HOLDS


async def test() -> Finding:
    """Let every client knock at the other family's servers, in both ways."""
    wires = [registry.load(name) for name in SERVERS if registry.unavailable(name) is None]
    native = [wire for wire in wires if Capability.NATIVE_FRAMES in wire.capabilities]
    socketio = [wire for wire in wires if Capability.ENGINE_IO in wire.capabilities]
    cells = await _across(native, socketio)
    tested = [cell for cell in cells if cell.state is not State.NOT_TESTED]
    up = [cell for cell in tested if _family(cell) == "native"]
    down = [cell for cell in tested if _family(cell) == "socket.io"]
    if not up or not down:
        raise NotTestable("; ".join(sorted({cell.reason for cell in cells})))
    evidence = [
        f"{title}: {told(mine)}."
        for way, title in WAYS.items()
        if (mine := [cell for cell in tested if (_family(cell), cell.aim) == way])
    ]
    tapes = {cell.label: cell.tape for cell in tested if cell.tape is not None}
    return Finding(judge(up, down), (*evidence, *_untested(cells)), tapes)


async def _across(native: Sequence[Transport], socketio: Sequence[Transport]) -> tuple[Cell, ...]:
    clients = CLIENTS.values()
    chosen = [
        *pairings(socketio, (client for client in clients if client.family == "native")),
        *pairings(socketio, [SPOKEN], [Aim.ENGINE_IO]),
        *pairings(native, (client for client in clients if client.family == "socket.io")),
    ]
    return (await run(chosen, patience_s=PATIENCE_S)).cells


def _family(cell: Cell) -> str:
    return SPOKEN.family if cell.client == SPOKEN.name else CLIENTS[cell.client].family


def told(cells: Iterable[Cell]) -> str:
    """What the clients did at each server; those that fared alike are told together."""
    alike: dict[tuple[str, State, int | None], list[Cell]] = {}
    for cell in cells:
        alike.setdefault((cell.wire, cell.state, refused_with(cell)), []).append(cell)
    return "; ".join(
        f"{', '.join(cell.client for cell in group)} at {wire} {_outcome(state, status, group)}"
        for (wire, state, status), group in alike.items()
    )


def _outcome(state: State, status: int | None, group: Sequence[Cell]) -> str:
    answer = "no HTTP answer" if status is None else f"HTTP {status}"
    if state is State.SILENT:
        return f"had neither a connection nor an error after {PATIENCE_S:g} s ({answer})"
    if state is State.REFUSED:
        return f"gave up after {span_ms(cell.report.ended_ms for cell in group)} ({answer})"
    opened = f"connected after {span_ms(cell.report.opened_ms for cell in group)}"
    return f"{opened} and chatted" if state is State.CHATS else f"{opened}, but could not chat"


def _untested(cells: Iterable[Cell]) -> list[str]:
    without = {cell.client: cell.reason for cell in cells if cell.state is State.NOT_TESTED}
    return [f"Without {client}: {reason}." for client, reason in without.items()]


CLAIM = Claim(
    name="never-across",
    english=(
        "A WebSocket client cannot connect to a Socket.IO server, nor a Socket.IO client to a "
        "WebSocket server."
    ),
    korean=(
        "WebSocket 클라이언트는 Socket.IO 서버에 연결할 수 없고, "
        "Socket.IO 클라이언트도 WebSocket 서버에 연결할 수 없다."
    ),
    asked=(
        "Clients of both kinds, in Python, in Node and in a browser, knock at servers of the other "
        "kind, with the address alone and straight at the WebSocket; one more speaks Socket.IO's "
        "packets over a plain WebSocket."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "Underneath, a Socket.IO server is a WebSocket server too, at a path of its own: who names "
        "that path gets 101 and is connected. Chatting takes Socket.IO's packets as well, and a "
        "few lines over a plain WebSocket can speak them. The other way round the claim holds: a "
        "Socket.IO client waits for packets that a WebSocket server never sends, and is refused, "
        "or hangs."
    ),
    test=test,
)
