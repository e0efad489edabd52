"""The claim `fast-lines`: WebSocket is fast, and each connection is a line of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import repeat

import msgspec
from msgspec.structs import replace

from lab.claims.claim import Claim, Finding, Verdict
from lab.claims.taped import taped, trace_of
from lab.claims.third_line import Beside, beside
from lab.claims.volley import node_partner, volley
from lab.contract import ConnectOptions, Transport
from lab.interop.node import node_unavailable
from lab.load.closed_loop import ignore, round_trips
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from lab.wire.network import Network
from lab.wire.tree import HttpRequest
from transports import registry

LINES = ("websocket", "socketio-websocket")
"""Native, and Socket.IO kept to WebSocket: what is claimed is claimed of these."""
POLLING = "socketio-polling"
"""What they are held against."""
RTT_NS = 200_000_000
"""Long enough for a loaded machine's delays to be short beside it."""
SAYS = 7
ONE_RTT = 1.5
"""Below it a reply has waited for one round trip: a second would make it two."""
AS_BEFORE = 1.5
"""Below it two members are not held up by a third: his line stands still for much longer."""


class Line(msgspec.Struct, frozen=True):
    """What one client's messages take on one wire.

    `reply_rtts`: network round trips from a `say` to its reply, the fastest: what the machine does
    besides can only add to what the wire waits for. `connections`, `requests`: TCP connections and
    HTTP requests of the whole visit. `third`: what two clients see of a third that is held up; None
    where that was not tried.
    """

    wire: str
    websocket: bool
    reply_rtts: float
    connections: int
    requests: int
    third: Beside | None = None

    @property
    def as_claimed(self) -> bool:
        """One round trip, one connection, and nobody waits for another's."""
        return (
            self.reply_rtts < ONE_RTT
            and self.connections == 1
            and self.third is not None
            and not self.third.answered
            and self.third.slowdown < AS_BEFORE
        )


class Counted(msgspec.Struct, frozen=True):
    """TCP connections and HTTP requests on a tape."""

    connections: int
    requests: int


def counted(tape: Tape) -> Counted:
    """Count what a client needed of TCP and of HTTP."""
    nodes = (node for connection in trace_of(tape).connections for node in connection.up)
    return Counted(
        sum(event.kind == "opened" for event in tape.events),
        sum(isinstance(node, HttpRequest) for node in nodes),
    )


def judge(lines: Iterable[Line]) -> Verdict:
    """Whether it is so on all WebSocket wires, on some, or on none."""
    good = [line.as_claimed for line in lines if line.websocket]
    if good and all(good):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(good) else Verdict.DOES_NOT_HOLD


async def visit(wire: Transport, server: ServerProcess) -> tuple[Line, Tape]:
    """Talk to a server across an emulated network, and count what that takes."""
    port = int(server.ready["port"])
    async with taped(server.url, port, Network(delay_ns=RTT_NS // 2)) as line:
        connection = await wire.connect(line.entrance, ignore, ConnectOptions())
        try:
            await connection.join("hall", "ann")
            samples = await round_trips(connection, "hall", repeat("hello", SAYS))
        finally:
            await connection.close()
        tape = line.tape
    found = counted(tape)
    rtts = min(samples) / RTT_NS
    return Line(wire.name, wire.name in LINES, rtts, found.connections, found.requests), tape


async def _in_javascript(wire: Transport, server: ServerProcess) -> Tape | None:
    """The line of a polling client in Node; None where there is no Node."""
    if node_unavailable() is not None:
        return None
    return (await volley(wire, server, node_partner(("polling",)))).theirs


async def test() -> Finding:
    """Measure one client on each wire, and then two beside a third, where lines are claimed."""
    wires = [registry.load(name) for name in (*LINES, POLLING)]
    with ExitStack() as running:
        servers = [running.enter_context(ServerProcess(wire.name, ["--unpaced"])) for wire in wires]
        visits, in_javascript = await asyncio.gather(
            asyncio.gather(*map(visit, wires, servers)),
            _in_javascript(wires[-1], servers[-1]),
        )
        # One at a time: what is said to hold up a line would hold up the others' measurement.
        lines = [
            replace(line, third=await beside(wire, server)) if line.websocket else line
            for wire, server, (line, _) in zip(wires, servers, visits, strict=True)
        ]
    tapes = {line.wire: tape for line, tape in visits}
    evidence = [*map(_told, lines), _told_of_javascript(in_javascript)]
    if in_javascript is not None:
        tapes["polling, by the JavaScript client in Node"] = in_javascript
    return Finding(judge(lines), tuple(evidence), tapes)


def _told(line: Line) -> str:
    told = (
        f"{line.wire}: a message is answered after {line.reply_rtts:.2f} RTT at "
        f"best ({RTT_NS / 1e6:.0f} ms, emulated); one client and {SAYS} messages took "
        f"{_number(line.connections, 'TCP connection')} and "
        f"{_number(line.requests, 'HTTP request')}."
    )
    if (third := line.third) is None:
        return told
    return (
        f"{told} Two clients are answered after {third.moving:.2f} RTT; while a third one's line "
        f"carries nothing, after {third.still:.2f}; while the third leaves "
        f"{third.unread_bytes >> 10} KiB unread, after {third.unread:.2f}. Of its messages the "
        f"third missed {third.missed} in the end."
    )


def _told_of_javascript(tape: Tape | None) -> str:
    if tape is None:
        return f"Polling by the JavaScript client was not tried: {node_unavailable()}."
    found = counted(tape)
    return (
        f"Polling by the JavaScript client in Node took {_number(found.requests, 'HTTP request')} "
        f"on {_number(found.connections, 'TCP connection')}."
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


CLAIM = Claim(
    name="fast-lines",
    english=(
        "WebSocket sends and receives fast, because each connection has a line of its own that "
        "stays open."
    ),
    korean=(
        "WebSocket은 연결마다 독립된 회선을 계속 열어 두고 사용하기 때문에 "
        "데이터를 빠르게 주고받는다."
    ),
    asked=(
        "One client talks across an emulated network, and its round trips, TCP connections and "
        "HTTP requests are counted; then two talk while a third one's line is held up."
    ),
    verdict=Verdict.HOLDS,
    because=(
        "Once the connection is there, a message waits for one round trip and for nothing else. "
        "Each client has one TCP connection, so that whoever's line stands still, or who does not "
        "read, holds up nobody else: what waits for him waits in a queue of his own. Long-polling "
        "needs several connections and a request for each turn, and some clients open a new "
        "connection for each of these. Fast does not mean that the other is slow: where the "
        "connections are kept, a poll's answer comes after hardly more than one round trip too."
    ),
    test=test,
)
