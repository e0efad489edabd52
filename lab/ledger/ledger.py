"""What a conversation cost, in connections, round trips and bytes.

The rule for round trips is in `lab.ledger.round_trips`, that for bytes in `lab.ledger.shares`.
"""

from __future__ import annotations

__pure__ = True

import msgspec

from lab.decode.tree import ChatEvent, Node, StreamPart, Trace, walk
from lab.ledger.conversations import Conversation, conversations, open_data
from lab.ledger.purposes import purposes
from lab.ledger.round_trips import RoundTrips, count_round_trips
from lab.ledger.session import Step
from lab.ledger.shares import ByteCost, ChargedPacket, LabelledBytes, cost_of, items_of, mean

__all__ = [
    "Batching",
    "ByteCost",
    "Entry",
    "Handshake",
    "Heartbeat",
    "LabelledBytes",
    "Ledger",
    "ledger",
]


class Handshake(msgspec.Struct, frozen=True):
    """What had to happen until something was received.

    `round_trips` are sequential, each new TCP connection's own among them, and `purposes` says what
    each was for (the words are in `lab.ledger.purposes`). `cost` has what the client sent before
    the last of them was over, and what it received until then; an HTTP response to such a request
    counts even where it came later. What the client sends after it, such as the GET that a polling
    client parks at once, is not part of it.
    """

    round_trips: int
    purposes: tuple[str, ...]
    tcp_connections: int
    http_requests: int
    cost: ByteCost


class Heartbeat(msgspec.Struct, frozen=True):
    """`beats`: pings of WebSocket and of Engine.IO; `per_beat`: ping, pong, what carries them.

    `per_minute` is the cost of an idle connection: each side that pinged goes on once in
    `interval_s`. None where the interval is not known.
    """

    beats: int
    interval_s: float | None
    per_beat: ByteCost
    per_minute: ByteCost | None


class Batching(msgspec.Struct, frozen=True):
    """Deliveries that came by HTTP, and how many responses brought one or more.

    Of a response that stays open, each write counts as one, and `carrier` says so.
    """

    deliveries: int
    http_responses: int
    carrier: str = "HTTP response"

    @property
    def ratio(self) -> float:
        """Deliveries per carrier."""
        return self.deliveries / self.http_responses


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation. None stands for what did not happen in it.

    `connect`: until a command could be sent. `joined`: until the reply to `join`. `message`: the
    mean of one `say` with its reply. `delivery`: the mean of one event that is no reply.
    """

    name: str
    tcp_connections: int
    http_requests: int
    total: ByteCost
    connect: Handshake | None
    joined: Handshake | None
    messages: int
    message: ByteCost | None
    deliveries: int
    delivery: ByteCost | None
    heartbeat: Heartbeat | None
    batching: Batching | None


class Ledger(msgspec.Struct, frozen=True):
    """Every conversation of a trace; `total` is all bytes that were captured."""

    entries: tuple[Entry, ...]
    total: ByteCost


def ledger(trace: Trace, heartbeat_interval_s: float | None = None) -> Ledger:
    """Draw up the ledger of a trace.

    `heartbeat_interval_s` is the interval for the cost of an idle minute, whatever it was during
    the capture. Without it that of Engine.IO's open packet is taken; a native transport has none.
    """
    entries = tuple(_entry(found, heartbeat_interval_s) for found in conversations(trace))
    total = cost_of([node for connection in trace.connections for node in connection.nodes()])
    return Ledger(entries, total)


def _entry(conversation: Conversation, interval_s: float | None) -> Entry:
    nodes = [node for exchange in conversation.exchanges for node in exchange.nodes]
    items = items_of(conversation)
    counted = count_round_trips(conversation)
    pairs = _pairs(items, "say")
    deliveries = [item for item in items if item.kind == "delivery"]
    if interval_s is None:
        interval_s = _agreed_interval_s(nodes)
    return Entry(
        name=conversation.name,
        tcp_connections=len(conversation.opened),
        http_requests=sum(len(exchange.requests) for exchange in conversation.exchanges),
        total=cost_of(nodes),
        connect=handshake_to(counted, counted.ready),
        joined=handshake_to(counted, counted.joined),
        messages=len(pairs),
        message=mean(pairs),
        deliveries=len(deliveries),
        delivery=mean([item.cost for item in deliveries]),
        heartbeat=_heartbeat(items, interval_s),
        batching=_batching(conversation),
    )


def _agreed_interval_s(nodes: list[Node]) -> float | None:
    interval = open_data(nodes).get("pingInterval")
    return interval / 1000 if isinstance(interval, int | float) else None


def handshake_to(counted: RoundTrips, last: Step | None) -> Handshake | None:
    """What had to happen until `last`; None where that has not happened."""
    if last is None:
        return None
    kept = [step for step in counted.steps if _belongs(step, last, counted)]
    return Handshake(
        round_trips=last.depth,
        purposes=purposes(last),
        tcp_connections=sum(step.kind == "dial" for step in kept),
        http_requests=sum(step.kind == "request" for step in kept),
        cost=cost_of([node for step in kept for node in step.nodes]),
    )


def _belongs(step: Step, last: Step, counted: RoundTrips) -> bool:
    """Whether a step is part of the handshake that `last` ends."""
    if step.kind == "response":
        requests = [s for s in counted.steps if s.kind == "request" and s.exchange is step.exchange]
        return any(_belongs(request, last, counted) for request in requests)
    if step.direction == "up":
        return step.depth < last.depth and step.first_ns <= last.last_ns
    return step.last_ns <= last.last_ns


def _pairs(items: list[ChargedPacket], name: str) -> list[ByteCost]:
    """What each command of a name cost together with its reply."""
    replies = {item.id: item.cost for item in items if item.kind == "reply"}
    commands = [item for item in items if item.kind == "command" and item.name == name]
    return [item.cost.plus(replies[item.id]) for item in commands if item.id in replies]


def _heartbeat(items: list[ChargedPacket], interval_s: float | None) -> Heartbeat | None:
    beating = [item for item in items if item.kind == "heartbeat"]
    pings = [item.node.direction for item in beating if item.name == "ping"]
    each = mean([item.cost for item in beating])
    if not pings or each is None:
        return None
    per_beat = each.times(len(beating) / len(pings))
    a_minute = 60 / interval_s * len(set(pings)) if interval_s else 0
    return Heartbeat(
        beats=len(pings),
        interval_s=interval_s,
        per_beat=per_beat,
        per_minute=per_beat.times(a_minute) if interval_s else None,
    )


def _batching(conversation: Conversation) -> Batching | None:
    found = [
        (carrier, _deliveries(carrier))
        for exchange in conversation.exchanges
        for carrier in (*exchange.responses, *exchange.parts)
    ]
    full = [(carrier, count) for carrier, count in found if count]
    if not full:
        return None
    streamed = any(isinstance(carrier, StreamPart) for carrier, _ in full)
    kind = "write of a stream" if streamed else "HTTP response"
    return Batching(sum(count for _, count in full), len(full), kind)


def _deliveries(carrier: Node) -> int:
    return sum(1 for node in walk([carrier]) if isinstance(node, ChatEvent) and not node.reply)
