"""Beside the wire: what a conversation cost, in connections, round trips and bytes. Pure.

Round trips are counted by the rule in `lab.wire.rounds`, packets charged by that in
`lab.wire.shares`.
"""

from __future__ import annotations

import msgspec

from lab.wire.conversations import Conversation, conversations, open_data
from lab.wire.purposes import purposes
from lab.wire.rounds import Rounds, rounds
from lab.wire.session import Step
from lab.wire.shares import Bytes, Cost, Item, cost_of, items_of, mean
from lab.wire.tree import ChatEvent, Node, StreamPart, Trace, walk

__all__ = ["Batching", "Bytes", "Cost", "Entry", "Handshake", "Heartbeat", "Ledger", "ledger"]


class Handshake(msgspec.Struct, frozen=True):
    """What had to pass until something was received.

    `round_trips` are sequential, each new TCP connection's own among them, and `purposes` says what
    each was for (the words are in `lab.wire.purposes`). `cost` has what the client sent before the
    last of them was over, and what it received until then; an HTTP response to such a request
    counts even where it came later. What is sent after, as the GET that a polling client parks at
    once, is not part of it.
    """

    round_trips: int
    purposes: tuple[str, ...]
    tcp_connections: int
    http_requests: int
    cost: Cost


class Heartbeat(msgspec.Struct, frozen=True):
    """`beats`: pings of WebSocket and of Engine.IO; `per_beat`: ping, pong, what carries them.

    `per_minute` is that of an idle connection, every side that pinged keeping on once in
    `interval_s`; None where the interval is not known.
    """

    beats: int
    interval_s: float | None
    per_beat: Cost
    per_minute: Cost | None


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
    total: Cost
    connect: Handshake | None
    joined: Handshake | None
    messages: int
    message: Cost | None
    deliveries: int
    delivery: Cost | None
    heartbeat: Heartbeat | None
    batching: Batching | None


class Ledger(msgspec.Struct, frozen=True):
    """Every conversation of a trace; `total` is all bytes that were tapped."""

    entries: tuple[Entry, ...]
    total: Cost


def ledger(trace: Trace, heartbeat_interval_s: float | None = None) -> Ledger:
    """Draw up the ledger of a trace.

    `heartbeat_interval_s` is the interval to reckon an idle minute with, whatever it was while the
    tap ran; without it that of Engine.IO's open packet is taken, and a native wire has none.
    """
    entries = tuple(_entry(found, heartbeat_interval_s) for found in conversations(trace))
    total = cost_of([node for connection in trace.connections for node in connection.nodes()])
    return Ledger(entries, total)


def _entry(conversation: Conversation, interval_s: float | None) -> Entry:
    nodes = [node for exchange in conversation.exchanges for node in exchange.nodes]
    items = items_of(conversation)
    counted = rounds(conversation)
    pairs = _pairs(items, "say")
    deliveries = [item for item in items if item.kind == "delivery"]
    if interval_s is None:
        interval_s = _told_interval_s(nodes)
    return Entry(
        name=conversation.name,
        tcp_connections=len(conversation.opened),
        http_requests=sum(len(exchange.requests) for exchange in conversation.exchanges),
        total=cost_of(nodes),
        connect=_handshake(counted, counted.ready),
        joined=_handshake(counted, counted.joined),
        messages=len(pairs),
        message=mean(pairs),
        deliveries=len(deliveries),
        delivery=mean([item.cost for item in deliveries]),
        heartbeat=_heartbeat(items, interval_s),
        batching=_batching(conversation),
    )


def _told_interval_s(nodes: list[Node]) -> float | None:
    told = open_data(nodes).get("pingInterval")
    return told / 1000 if isinstance(told, int | float) else None


def _handshake(counted: Rounds, last: Step | None) -> Handshake | None:
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


def _belongs(step: Step, last: Step, counted: Rounds) -> bool:
    """Whether a step is part of the handshake that `last` ends."""
    if step.kind == "response":
        asked = [s for s in counted.steps if s.kind == "request" and s.exchange is step.exchange]
        return any(_belongs(request, last, counted) for request in asked)
    if step.direction == "up":
        return step.depth < last.depth and step.first_ns <= last.last_ns
    return step.last_ns <= last.last_ns


def _pairs(items: list[Item], name: str) -> list[Cost]:
    """What each command of a name cost together with its reply."""
    replies = {item.id: item.cost for item in items if item.kind == "reply"}
    commands = [item for item in items if item.kind == "command" and item.name == name]
    return [item.cost.plus(replies[item.id]) for item in commands if item.id in replies]


def _heartbeat(items: list[Item], interval_s: float | None) -> Heartbeat | None:
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
