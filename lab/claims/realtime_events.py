"""The claim `realtime-events`: Socket.IO is real-time, works both ways, and consists of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import trace_of
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.ping_pong import EXCHANGES, RTT_NS, PingPong, node_partner, ping_pongs
from lab.decode.tree import ChatCommand, ChatEvent, Node, SocketIoPacket, walk
from lab.interop.node import node_unavailable
from lab.load.tapped import Capture

SERVERS = ("socketio", "node-socketio")
"""The same protocol from a server in Python and from one in Node."""
CLIENT_TRANSPORTS = ("polling", "websocket")
ONE_RTT = 1.5
"""A delivery below this limit waited for one round trip: two round trips take at least 2."""


class ObservedPingPong(msgspec.Struct, frozen=True):
    """What is judged of one ping-pong.

    `delivery_rtts`: round-trip times from one member to the other. `complete`: every text arrived.
    `requests`: what the members sent between joining and the last text, besides their own texts.
    `up`, `down`: the names of the Socket.IO events in each direction.
    """

    transport: str
    delivery_rtts: float
    complete: bool
    requests: int
    up: frozenset[str]
    down: frozenset[str]


def observe(transport: str, played: PingPong) -> ObservedPingPong:
    """Collect what the clock and the two captures show of a ping-pong."""
    captures = (played.ours, played.theirs)
    return ObservedPingPong(
        transport,
        played.delivery_rtts,
        played.complete,
        sum(map(_count_requests, captures)),
        _events(captures, "up"),
        _events(captures, "down"),
    )


def _count_requests(capture: Capture) -> int:
    """Count what was sent after the join, up to the last text, and carries no command."""
    nodes = [node for c in trace_of(capture).connections for node in c.nodes()]
    joined_ns = min(node.last_ns for node in nodes if _carries(node, "joined"))
    said_ns = max(node.first_ns for node in nodes if _carries(node, "say"))
    sent = (n for n in nodes if n.direction == "up" and joined_ns < n.first_ns <= said_ns)
    return sum(not any(isinstance(part, ChatCommand) for part in walk([node])) for node in sent)


def _carries(node: Node, name: str) -> bool:
    return any(part.name == name for part in _chat([node]))


def _chat(nodes: Iterable[Node]) -> Iterator[ChatCommand | ChatEvent]:
    return (part for part in walk(nodes) if isinstance(part, ChatCommand | ChatEvent))


def _events(captures: Iterable[Capture], direction: str) -> frozenset[str]:
    """The names of the Socket.IO events in one direction."""
    nodes = (
        n for capture in captures for c in trace_of(capture).connections for n in walk(c.nodes())
    )
    packets = (n for n in nodes if isinstance(n, SocketIoPacket) and n.name == "event")
    return frozenset(
        part.name for packet in packets if packet.direction == direction for part in _chat([packet])
    )


def judge(observed: Iterable[ObservedPingPong]) -> Verdict:
    """Judge on how many servers deliveries are real-time, in both directions and as events."""
    return verdict_of(
        one.complete and one.delivery_rtts < ONE_RTT and not one.requests and one.up and one.down
        for one in observed
    )


async def test() -> Finding:
    """Let a member in Python and one in Node exchange texts, on each available server."""
    needs(node_unavailable())
    played = await ping_pongs(SERVERS, lambda _: node_partner(CLIENT_TRANSPORTS))
    observed = [observe(name, one) for name, one in played.items()]
    captures = {
        f"{name}, the member in {language}": capture
        for name, one in played.items()
        for language, capture in (("Python", one.ours), ("Node", one.theirs))
    }
    slowest = max(observed, key=lambda one: one.delivery_rtts)
    in_short = IN_SHORT.fill(
        rtts=slowest.delivery_rtts,
        servers=len(observed),
        requests=sum(one.requests for one in observed),
    )
    return Finding(judge(observed), in_short, tuple(map(_describe, observed)), captures)


IN_SHORT = Bilingual(
    "A text reaches the other member after {rtts:.2f} round trips at most, on {servers} servers, "
    "with {requests} requests for it.",
    "서버 {servers}개에서 메시지는 길어도 왕복 {rtts:.2f}번 만에 상대에게 도착했고, 이를 위한 "
    "요청은 {requests}번이었습니다.",
)
SEEN = Bilingual(
    "{transport}, a member in Python and one in Node: {arrived} of {texts} texts arrived. One "
    "delivery took {rtts:.2f} RTT ({ms:.0f} ms, emulated). To receive them, the two sent "
    "{requests} requests. Events up: {up}; down: {down}.",
    "{transport}, Python 클라이언트와 Node 클라이언트: 메시지 {texts}개가 {arrived} 도착했습니다. "
    "전달 한 번에 {rtts:.2f} RTT가 걸렸습니다 (지연을 넣은 RTT {ms:.0f} ms). 받으려고 보낸 요청은 "
    "{requests}번입니다. 올라간 이벤트: {up}. 내려온 이벤트: {down}.",
)
ALL, NOT_ALL = Bilingual("all", "모두"), Bilingual("not all", "일부만")


def _describe(one: ObservedPingPong) -> Bilingual:
    return SEEN.fill(
        transport=one.transport,
        arrived=ALL if one.complete else NOT_ALL,
        texts=2 * EXCHANGES,
        rtts=one.delivery_rtts,
        ms=RTT_NS / 1e6,
        requests=one.requests,
        up=", ".join(sorted(one.up)),
        down=", ".join(sorted(one.down)),
    )


CLAIM = Claim(
    name="realtime-events",
    said=Bilingual(
        "With Socket.IO a server and its clients communicate in both directions in real time, by "
        "sending each other events.",
        "Socket.IO를 쓰면 서버와 클라이언트가 이벤트를 주고받으며 실시간 양방향 통신을 할 수 "
        "있습니다.",
    ),
    experiment=Bilingual(
        "A member in Python and one in Node exchange texts over an emulated network, on a "
        "Socket.IO server in Python and on one in Node.",
        "Python 클라이언트와 Node 클라이언트가 지연을 넣은 네트워크에서 메시지를 주고받습니다. "
        "Python으로 만든 Socket.IO 서버와 Node로 만든 서버에서 각각 시험합니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "A text reaches the other member after one round-trip time, which is as soon as the "
        "network allows, and no client has to request it. Everything travels as an event with a "
        "name and an argument. The protocol is not tied to Node: two languages speak it here.",
        "메시지는 왕복 시간 한 번 만에 상대에게 도착합니다. 네트워크가 허용하는 가장 빠른 "
        "시간이고, 클라이언트가 따로 요청할 필요도 없습니다. 모든 데이터는 이름과 인자를 가진 "
        "이벤트로 오갑니다. 프로토콜은 Node에 묶여 있지 않아서, 여기서는 두 언어가 같은 "
        "프로토콜로 통신합니다.",
    ),
    test=test,
)
