"""The claim `fast-lines`: WebSocket is fast, because each connection stays open for one client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import repeat

import msgspec
from msgspec.structs import replace

from lab.bilingual import Bilingual
from lab.claims._support.captured import captured_route, trace_of
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.claims._support.ping_pong import node_partner, ping_pong
from lab.claims._support.stalled_member import StalledMemberEffect, stalled_member_effect
from lab.contract import ConnectOptions, Transport
from lab.decode.tree import HttpRequest
from lab.interop.node import node_unavailable
from lab.load.closed_loop import ignore, round_trips
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from lab.relay.network import Network
from transports import registry

CLAIMED = ("websocket", "socketio-websocket")
"""Native WebSocket, and Socket.IO limited to WebSocket: the transports that the claim is about."""
ROOM = "lobby"
POLLING = "socketio-polling"
"""The transport that they are compared with."""
RTT_NS = 200_000_000
"""Long compared with the delays of a busy machine."""
SAYS = 7
ONE_RTT = 1.5
"""A reply below this limit waited for one round trip: two round trips take at least 2."""
AS_BEFORE = 1.5
"""Two members are not held up by a stalled member below this ratio: the stall is much longer."""


class ClientCost(msgspec.Struct, frozen=True):
    """What one client's messages cost on one transport.

    `reply_rtts`: network round trips from a `say` to its reply, the fastest of several, because
    other work on the machine can only add to it. `connections`, `requests`: TCP connections and
    HTTP requests from connect to close. `stalled`: how a stalled member affects two others; None
    where that was not measured.
    """

    transport: str
    websocket: bool
    reply_rtts: float
    connections: int
    requests: int
    stalled: StalledMemberEffect | None = None

    @property
    def as_claimed(self) -> bool:
        """Whether a reply takes one round trip on one connection that no other client delays."""
        return (
            self.reply_rtts < ONE_RTT
            and self.connections == 1
            and self.stalled is not None
            and not self.stalled.answered
            and self.stalled.slowdown < AS_BEFORE
        )


class RequestCount(msgspec.Struct, frozen=True):
    """The number of TCP connections and of HTTP requests in a capture."""

    connections: int
    requests: int


def count_requests(capture: Capture) -> RequestCount:
    """Count the TCP connections and the HTTP requests of one client."""
    nodes = (node for connection in trace_of(capture).connections for node in connection.up)
    return RequestCount(
        sum(event.kind == "opened" for event in capture.events),
        sum(isinstance(node, HttpRequest) for node in nodes),
    )


def judge(costs: Iterable[ClientCost]) -> Verdict:
    """Judge whether the claim holds on all WebSocket transports, on some, or on none."""
    good = [cost.as_claimed for cost in costs if cost.websocket]
    if good and all(good):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(good) else Verdict.DOES_NOT_HOLD


async def measure_client(transport: Transport, server: ServerProcess) -> tuple[ClientCost, Capture]:
    """Exchange messages with a server over an emulated network, and count what they cost."""
    port = int(server.ready["port"])
    async with captured_route(server.url, port, Network(delay_ns=RTT_NS // 2)) as route:
        connection = await transport.connect(route.entrance, ignore, ConnectOptions())
        try:
            await connection.join(ROOM, "ann")
            samples = await round_trips(connection, ROOM, repeat("hello", SAYS))
        finally:
            await connection.close()
        capture = route.capture
    found = count_requests(capture)
    rtts = min(samples) / RTT_NS
    return ClientCost(
        transport.name, transport.name in CLAIMED, rtts, found.connections, found.requests
    ), capture


async def _in_javascript(transport: Transport, server: ServerProcess) -> Capture | None:
    """Capture a polling client in Node; None where Node is not installed."""
    if node_unavailable() is not None:
        return None
    return (await ping_pong(transport, server, node_partner(("polling",)))).theirs


async def test() -> Finding:
    """Measure one client on each transport, then a stalled member on the claimed ones."""
    transports = [registry.load(name) for name in (*CLAIMED, POLLING)]
    with ExitStack() as running:
        servers = [
            running.enter_context(ServerProcess(transport.name, ["--unpaced"]))
            for transport in transports
        ]
        measured, in_javascript = await asyncio.gather(
            asyncio.gather(*map(measure_client, transports, servers)),
            _in_javascript(transports[-1], servers[-1]),
        )
        # One after the other: a stalled server would disturb the measurement of the others.
        costs = [
            replace(cost, stalled=await stalled_member_effect(transport, server))
            if cost.websocket
            else cost
            for transport, server, (cost, _) in zip(transports, servers, measured, strict=True)
        ]
    captures = {cost.transport: capture for cost, capture in measured}
    evidence = [*map(_describe, costs), _describe_javascript(in_javascript)]
    if in_javascript is not None:
        captures["polling, by the JavaScript client in Node"] = in_javascript
    claimed = [cost for cost in costs if cost.websocket]
    in_short = IN_SHORT.fill(
        rtts=max(cost.reply_rtts for cost in claimed),
        connections=max(cost.connections for cost in claimed),
        slowdown=max(cost.stalled.slowdown for cost in claimed if cost.stalled is not None),
    )
    return Finding(judge(costs), in_short, tuple(evidence), captures)


IN_SHORT = Bilingual(
    "Over WebSocket a reply takes {rtts:.2f} round trips on {connections} TCP connection; beside "
    "a stalled client it takes {slowdown:.2f} times as long.",
    "WebSocket에서 응답은 TCP 연결 {connections}개로 왕복 {rtts:.2f}번 만에 오고, 멈춘 클라이언트 "
    "옆에서는 {slowdown:.2f}배의 시간이 걸립니다.",
)
ONE_CLIENT = Bilingual(
    "{transport}: a message is answered after {rtts:.2f} RTT at best ({ms:.0f} ms, emulated). TCP "
    "connections of one client with {says} messages: {connections}; HTTP requests: {requests}.",
    "{transport}: 메시지의 응답이 빠르면 {rtts:.2f} RTT 만에 옵니다 (지연을 넣은 RTT {ms:.0f} "
    "ms). 메시지 {says}개를 보낸 클라이언트 하나의 TCP 연결 {connections}개, HTTP 요청 "
    "{requests}개.",
)
STALLED = Bilingual(
    "{client} Beside a third client on a normal connection, two clients are answered after "
    "{moving:.2f} RTT; while the connection of the third carries nothing, after {still:.2f}; "
    "while the third leaves {kib} KiB unread, after {unread:.2f}. In the end the third missed "
    "{missed} of its messages.",
    "{client} 세 번째 클라이언트의 연결이 정상일 때 두 클라이언트의 응답은 {moving:.2f} RTT, 그 "
    "연결이 멈추어 있을 때는 {still:.2f} RTT, 세 번째가 {kib} KiB를 읽지 않고 있을 때는 "
    "{unread:.2f} RTT 만에 옵니다. 마지막까지 세 번째가 받지 못한 메시지는 {missed}개입니다.",
)
JAVASCRIPT = Bilingual(
    "Polling with the JavaScript client in Node: {requests} HTTP requests on {connections} TCP "
    "connections.",
    "Node의 JavaScript 클라이언트로 폴링: TCP 연결 {connections}개로 HTTP 요청 {requests}개.",
)
NO_JAVASCRIPT = Bilingual(
    "Polling with the JavaScript client was not tested: {reason}.",
    "JavaScript 클라이언트의 폴링은 시험하지 못했습니다 ({reason}).",
)


def _describe(cost: ClientCost) -> Bilingual:
    client = ONE_CLIENT.fill(
        transport=cost.transport,
        rtts=cost.reply_rtts,
        ms=RTT_NS / 1e6,
        says=SAYS,
        connections=cost.connections,
        requests=cost.requests,
    )
    if (third := cost.stalled) is None:
        return client
    return STALLED.fill(
        client=client,
        moving=third.moving,
        still=third.still,
        unread=third.unread,
        kib=third.unread_bytes >> 10,
        missed=third.missed,
    )


def _describe_javascript(capture: Capture | None) -> Bilingual:
    if capture is None:
        return NO_JAVASCRIPT.fill(reason=node_unavailable())
    found = count_requests(capture)
    return JAVASCRIPT.fill(requests=found.requests, connections=found.connections)


CLAIM = Claim(
    name="fast-lines",
    said=Bilingual(
        "WebSocket sends and receives fast, because each connection has a line of its own that "
        "stays open.",
        "WebSocket은 연결마다 독립된 회선을 계속 열어 두고 사용하기 때문에 데이터를 빠르게 "
        "주고받습니다.",
    ),
    experiment=Bilingual(
        "One client exchanges messages over an emulated network. The lab counts its round trips, "
        "TCP connections and HTTP requests. Then two clients do so while the connection of a "
        "third is stalled.",
        "클라이언트 하나가 지연을 넣은 네트워크에서 메시지를 주고받습니다. 왕복 횟수, TCP 연결, "
        "HTTP 요청을 셉니다. 그다음 세 번째 클라이언트의 연결을 멈춘 채로 두 클라이언트가 "
        "메시지를 주고받습니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "Once connected, a message waits for one round trip and for nothing else. Each client has "
        "one TCP connection. A client whose connection stalls, or that does not read, holds up no "
        "other client: its messages wait in its own queue. Long-polling needs several connections "
        "and one request per turn, and some clients open a new connection for each request. Yet "
        "long-polling is not always slow: with kept connections, the answer to a poll also comes "
        "after hardly more than one round trip.",
        "연결된 뒤에는 메시지가 왕복 한 번만 기다립니다. 클라이언트마다 TCP 연결이 하나씩 "
        "있습니다. 연결이 멈추거나 읽지 않는 클라이언트는 다른 클라이언트를 막지 않고, 그 "
        "메시지는 자기 큐에서 기다립니다. 롱 폴링에는 연결이 여러 개 필요하고 차례마다 요청이 "
        "하나씩 필요하며, 요청마다 새로 연결하는 클라이언트도 있습니다. 그래도 롱 폴링이 항상 "
        "느리지는 않습니다. 연결을 유지하면 폴링의 응답도 왕복 한 번 남짓에 옵니다.",
    ),
    test=test,
    notebook="03_latency",
)
