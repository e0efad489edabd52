"""The claim `never-across`: WebSocket and Socket.IO clients cannot use each other's servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.bilingual import Bilingual, joined
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict
from lab.contract import Capability, Transport
from lab.interop.clients import CLIENTS
from lab.interop.matrix import pairings, run
from lab.interop.outcome import Aim, Cell, State
from lab.interop.spoken import SPOKEN
from lab.interop.words import refused_with, span_ms
from transports import registry

PATIENCE_S = 5.0
SERVERS = ("websocket", "socketio", "node-websocket", "node-socketio")
"""A WebSocket server and a Socket.IO server, in each language."""
CONNECTED = (State.CHATS, State.CONNECTS)

WAYS = {
    ("native", Aim.PLAIN): Bilingual(
        "WebSocket clients with the address of a Socket.IO server",
        "Socket.IO 서버의 주소를 받은 WebSocket 클라이언트",
    ),
    ("native", Aim.ENGINE_IO): Bilingual(
        "WebSocket clients with Engine.IO's path on a Socket.IO server",
        "Socket.IO 서버의 Engine.IO 경로에 연결한 WebSocket 클라이언트",
    ),
    ("socket.io", Aim.PLAIN): Bilingual(
        "Socket.IO clients with the address of a WebSocket server",
        "WebSocket 서버의 주소를 받은 Socket.IO 클라이언트",
    ),
    ("socket.io", Aim.ENGINE_IO): Bilingual(
        "Socket.IO clients limited to WebSocket, on a WebSocket server",
        "WebSocket만 쓰는 Socket.IO 클라이언트와 WebSocket 서버",
    ),
}
"""The family of a client and its aim -> the title of the evidence."""


def judge(native_at_socketio: Iterable[Cell], socketio_at_native: Iterable[Cell]) -> Verdict:
    """Judge whether clients connect in no direction, in one direction, or in both.

    A client that builds the other side's packets by hand is a WebSocket client too.
    """
    crossed = [
        any(cell.state in CONNECTED for cell in cells)
        for cells in (native_at_socketio, socketio_at_native)
    ]
    if all(crossed):
        return Verdict.DOES_NOT_HOLD
    return Verdict.DEPENDS if any(crossed) else Verdict.HOLDS


async def test() -> Finding:
    """Connect every client to the other family's servers, by address and by path."""
    transports = [registry.load(name) for name in SERVERS if registry.unavailable(name) is None]
    native = [
        transport for transport in transports if Capability.NATIVE_FRAMES in transport.capabilities
    ]
    socketio = [
        transport for transport in transports if Capability.DEFAULT_PARSER in transport.capabilities
    ]
    cells = await _across(native, socketio)
    tested = [cell for cell in cells if cell.state is not State.NOT_TESTED]
    up = [cell for cell in tested if _family(cell) == "native"]
    down = [cell for cell in tested if _family(cell) == "socket.io"]
    if not up or not down:
        raise NotTestable("; ".join(sorted({cell.reason for cell in cells})))
    evidence = [
        Bilingual("{title}: {seen}.", "{title}: {seen}.").fill(title=title, seen=describe(mine))
        for way, title in WAYS.items()
        if (mine := [cell for cell in tested if (_family(cell), cell.aim) == way])
    ]
    captures = {cell.label: cell.capture for cell in tested if cell.capture is not None}
    in_short = IN_SHORT.fill(up=_connected(up), ups=len(up), down=_connected(down), downs=len(down))
    return Finding(judge(up, down), in_short, (*evidence, *_untested(cells)), captures)


IN_SHORT = Bilingual(
    "WebSocket clients connected in {up} of {ups} attempts to Socket.IO servers, Socket.IO "
    "clients in {down} of {downs} to WebSocket servers.",
    "WebSocket 클라이언트는 Socket.IO 서버에 {ups}번 중 {up}번 연결했고, Socket.IO 클라이언트는 "
    "WebSocket 서버에 {downs}번 중 {down}번 연결했습니다.",
)


def _connected(cells: Iterable[Cell]) -> int:
    return sum(cell.state in CONNECTED for cell in cells)


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


def describe(cells: Iterable[Cell]) -> Bilingual:
    """Describe what the clients did at each server; group the clients with the same result."""
    alike: dict[tuple[str, State, int | None], list[Cell]] = {}
    for cell in cells:
        alike.setdefault((cell.transport, cell.state, refused_with(cell)), []).append(cell)
    return joined(
        "; ",
        (
            GROUP.fill(
                clients=", ".join(cell.client for cell in group),
                transport=transport,
                outcome=_outcome(state, status, group),
            )
            for (transport, state, status), group in alike.items()
        ),
    )


GROUP = Bilingual("{clients} at {transport} {outcome}", "{clients} → {transport}: {outcome}")
OUTCOMES = {
    State.SILENT: Bilingual(
        "had neither a connection nor an error after {patience:g} s ({answer})",
        "{patience:g}초가 지나도 연결도 오류도 없음 ({answer})",
    ),
    State.REFUSED: Bilingual("gave up after {ended} ({answer})", "{ended} 뒤에 포기 ({answer})"),
    State.CHATS: Bilingual("connected after {opened} and chatted", "{opened} 뒤에 연결하고 채팅함"),
    State.CONNECTS: Bilingual(
        "connected after {opened}, but could not chat", "{opened} 뒤에 연결했지만 채팅하지 못함"
    ),
}
NO_ANSWER = Bilingual("no HTTP answer", "HTTP 응답 없음")
WITHOUT = Bilingual("Without {client}: {reason}.", "{client} 없이 시험했습니다 ({reason}).")


def _outcome(state: State, status: int | None, group: Sequence[Cell]) -> Bilingual:
    return OUTCOMES[state].fill(
        patience=PATIENCE_S,
        answer=NO_ANSWER if status is None else f"HTTP {status}",
        ended=_span(cell.report.ended_ms for cell in group),
        opened=_span(cell.report.opened_ms for cell in group),
    )


def _span(times_ms: Iterable[float | None]) -> Bilingual:
    english = span_ms(times_ms)
    return Bilingual(english, english.replace(" to ", "~"))


def _untested(cells: Iterable[Cell]) -> list[Bilingual]:
    without = {cell.client: cell.reason for cell in cells if cell.state is State.NOT_TESTED}
    return [WITHOUT.fill(client=client, reason=reason) for client, reason in without.items()]


CLAIM = Claim(
    name="never-across",
    said=Bilingual(
        "A WebSocket client cannot connect to a Socket.IO server, and a Socket.IO client cannot "
        "connect to a WebSocket server.",
        "WebSocket 클라이언트는 Socket.IO 서버에 연결할 수 없고, Socket.IO 클라이언트도 WebSocket "
        "서버에 연결할 수 없습니다.",
    ),
    experiment=Bilingual(
        "Clients of both kinds, in Python, in Node and in a browser, connect to servers of the "
        "other kind: with the address alone, and directly to the WebSocket. One more client sends "
        "Socket.IO's packets over a plain WebSocket.",
        "Python, Node, 브라우저의 두 종류 클라이언트가 다른 종류의 서버에 연결합니다. 주소만 "
        "주었을 때와 WebSocket 경로에 바로 연결할 때를 모두 시험합니다. 클라이언트 하나는 순수한 "
        "WebSocket으로 Socket.IO의 패킷을 직접 보냅니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "A Socket.IO server is also a WebSocket server, on its own path. A client that requests "
        "that path gets a 101 and is connected. To chat, it also has to send Socket.IO's packets, "
        "and a few lines of code over a plain WebSocket can do that. In the other direction the "
        "claim holds: a Socket.IO client waits for packets that a WebSocket server never sends, "
        "and is refused or hangs.",
        "Socket.IO 서버는 정해진 경로에서 WebSocket 서버이기도 합니다. 그 경로를 요청한 "
        "클라이언트는 101을 받고 연결됩니다. 채팅하려면 Socket.IO의 패킷도 보내야 하는데, 순수한 "
        "WebSocket 위에서 코드 몇 줄이면 됩니다. 반대 방향에서는 맞습니다. Socket.IO 클라이언트는 "
        "WebSocket 서버가 보내지 않는 패킷을 기다리다가 거절당하거나 멈춥니다.",
    ),
    test=test,
)
