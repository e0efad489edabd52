"""The claim `realtime-events`: Socket.IO is real-time, goes both ways, and is made of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lab.claims.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims.taped import trace_of
from lab.claims.volley import EXCHANGES, RTT_NS, Volley, node_partner, volleys
from lab.interop.node import node_unavailable
from lab.load.tapped import Tape
from lab.wire.tree import ChatCommand, ChatEvent, Node, SocketIoPacket, walk

WIRES = ("socketio", "node-socketio")
"""The same protocol from a server in Python and from one in Node."""
TRANSPORTS = ("polling", "websocket")
ONE_RTT = 1.5
"""Below it a delivery has waited for one round trip: a second would make it two."""


class Rally(msgspec.Struct, frozen=True):
    """What is judged of one volley.

    `delivery_rtts`: round-trip times from one member to the other. `complete`: every text arrived.
    `asked`: what the receivers sent, between joining and the end, that was no word of their own.
    `up`, `down`: names of the Socket.IO events that crossed the lines.
    """

    wire: str
    delivery_rtts: float
    complete: bool
    asked: int
    up: frozenset[str]
    down: frozenset[str]


def rally(wire: str, played: Volley) -> Rally:
    """What the clock and the two tapes say of a volley."""
    tapes = (played.ours, played.theirs)
    return Rally(
        wire,
        played.delivery_rtts,
        played.complete,
        sum(map(_asked, tapes)),
        _events(tapes, "up"),
        _events(tapes, "down"),
    )


def _asked(tape: Tape) -> int:
    """Things sent after joining, up to the goodbye, that carry no command."""
    nodes = [node for c in trace_of(tape).connections for node in c.nodes()]
    joined_ns = min(node.last_ns for node in nodes if _carries(node, "joined"))
    said_ns = max(node.first_ns for node in nodes if _carries(node, "say"))
    sent = (n for n in nodes if n.direction == "up" and joined_ns < n.first_ns <= said_ns)
    return sum(not any(isinstance(part, ChatCommand) for part in walk([node])) for node in sent)


def _carries(node: Node, name: str) -> bool:
    return any(part.name == name for part in _chat([node]))


def _chat(nodes: Iterable[Node]) -> Iterator[ChatCommand | ChatEvent]:
    return (part for part in walk(nodes) if isinstance(part, ChatCommand | ChatEvent))


def _events(tapes: Iterable[Tape], direction: str) -> frozenset[str]:
    """The names under which Socket.IO's events went in one direction."""
    nodes = (n for tape in tapes for c in trace_of(tape).connections for n in walk(c.nodes()))
    packets = (n for n in nodes if isinstance(n, SocketIoPacket) and n.name == "event")
    return frozenset(
        part.name for packet in packets if packet.direction == direction for part in _chat([packet])
    )


def judge(rallies: Iterable[Rally]) -> Verdict:
    """Real-time, in both directions and by events, on all servers, on some, or on none."""
    return verdict_of(
        one.complete and one.delivery_rtts < ONE_RTT and not one.asked and one.up and one.down
        for one in rallies
    )


async def test() -> Finding:
    """Let a member in Python and one in Node hear each other, on each server that there is."""
    needs(node_unavailable())
    played = await volleys(WIRES, lambda _: node_partner(TRANSPORTS))
    rallies = [rally(name, one) for name, one in played.items()]
    tapes = {
        f"{name}, the member in {language}": tape
        for name, one in played.items()
        for language, tape in (("Python", one.ours), ("Node", one.theirs))
    }
    return Finding(judge(rallies), tuple(map(_told, rallies)), tapes)


def _told(one: Rally) -> str:
    arrived = "all" if one.complete else "not all"
    return (
        f"{one.wire}, a member in Python and one in Node: {arrived} of {2 * EXCHANGES} texts "
        f"arrived, each {one.delivery_rtts:.2f} RTT ({RTT_NS / 1e6:.0f} ms, emulated) after it was "
        f"said; to get them the two sent {one.asked} requests. Events up: "
        f"{', '.join(sorted(one.up))}; down: {', '.join(sorted(one.down))}."
    )


CLAIM = Claim(
    name="realtime-events",
    english=(
        "With Socket.IO a server and its clients talk in both directions in real time, "
        "by sending each other events."
    ),
    korean=(
        "Socket.IO를 쓰면 서버와 클라이언트가 이벤트를 주고받으며 실시간 양방향으로 통신할 수 있다."
    ),
    asked=(
        "A member in Python and one in Node hear each other across an emulated network, on a "
        "Socket.IO server in Python and on one in Node."
    ),
    verdict=Verdict.HOLDS,
    because=(
        "What one member says is with the other after one round-trip time, which is as soon as the "
        "network allows, and nobody has to ask for it. Everything travels as an event with a name "
        "and an argument. The protocol is not tied to Node: two languages speak it here."
    ),
    test=test,
)
