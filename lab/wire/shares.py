"""Beside the wire: what each packet cost, with its share of whatever carried it.

A carrier is a WebSocket message with its frames, an HTTP exchange, request and response, headers
and all, or one write of a response that stays open. Its packets own their bytes; what is left is
divided among them equally. So the costs of all packets add up to all bytes that passed, and a poll
that brings ten deliveries makes each a tenth of a poll. A carrier without packets is one item by
itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from lab.wire.conversations import Conversation, Exchange
from lab.wire.rfc6455 import BINARY, CONTINUATION, PING, PONG, TEXT
from lab.wire.tree import ChatCommand, ChatEvent, EarlyPacket, EngineIoPacket, Frame, Node, walk

PACKETS = EngineIoPacket | EarlyPacket | ChatCommand | ChatEvent
"""What a carrier carries."""

Kind = Literal["command", "reply", "delivery", "heartbeat", "control"]


class Bytes(msgspec.Struct, frozen=True):
    """Bytes by label (see `lab.wire.tree.Label`); a share or a mean need not be whole."""

    http: float = 0
    framing: float = 0
    payload: float = 0
    undecodable: float = 0

    @property
    def total(self) -> float:
        """All of them."""
        return self.http + self.framing + self.payload + self.undecodable

    def plus(self, other: Bytes, times: float = 1) -> Bytes:
        """This and, `times` over, the other."""
        return Bytes(
            self.http + times * other.http,
            self.framing + times * other.framing,
            self.payload + times * other.payload,
            self.undecodable + times * other.undecodable,
        )

    def times(self, factor: float) -> Bytes:
        """Each label's bytes times `factor`."""
        return Bytes().plus(self, factor)


class Cost(msgspec.Struct, frozen=True):
    """Bytes in both directions."""

    up: Bytes = Bytes()
    down: Bytes = Bytes()

    def plus(self, other: Cost, times: float = 1) -> Cost:
        """This and, `times` over, the other."""
        return Cost(self.up.plus(other.up, times), self.down.plus(other.down, times))

    def times(self, factor: float) -> Cost:
        """Both directions times `factor`."""
        return Cost(self.up.times(factor), self.down.times(factor))


class Item(msgspec.Struct, frozen=True):
    """One packet and what it cost. `id` pairs a command with its reply."""

    kind: Kind
    name: str
    id: int | None
    node: Node
    cost: Cost


def cost_of(nodes: Iterable[Node]) -> Cost:
    """What some trees own."""
    sums = {
        "up": dict.fromkeys(Bytes.__struct_fields__, 0),
        "down": dict.fromkeys(Bytes.__struct_fields__, 0),
    }
    for node in walk(nodes):
        for segment in node.segments:
            sums[node.direction][segment.label] += segment.end - segment.start
    return Cost(Bytes(**sums["up"]), Bytes(**sums["down"]))


def mean(costs: list[Cost]) -> Cost | None:
    """The mean of some costs; None of none."""
    total = Cost()
    for cost in costs:
        total = total.plus(cost)
    return total.times(1 / len(costs)) if costs else None


def items_of(conversation: Conversation) -> list[Item]:
    """Every packet of a conversation with its cost; together, every byte of it."""
    return [
        item
        for exchange in conversation.exchanges
        for carrier in _carriers(exchange)
        for item in _items(carrier)
    ]


def _carriers(exchange: Exchange) -> Iterator[list[Node]]:
    http: list[Node] = [*exchange.requests, *exchange.responses]
    if http:
        yield http
    yield from ([node] for node in (*exchange.parts, *exchange.others))
    for direction in ("up", "down"):
        yield from _messages([frame for frame in exchange.frames if frame.direction == direction])


def _messages(frames: list[Frame]) -> Iterator[list[Node]]:
    """Frames by message; a control frame between fragments is one by itself."""
    message: list[Node] = []
    for frame in frames:
        if frame.opcode not in (CONTINUATION, TEXT, BINARY):
            yield [frame]
            continue
        message.append(frame)
        if frame.fin:
            yield message
            message = []
    if message:
        yield message


def _items(carrier: list[Node]) -> Iterator[Item]:
    packets = [node for top in carrier for node in _packets(top)] or carrier[:1]
    owned = [cost_of([node]) if node is not carrier[0] else Cost() for node in packets]
    left = cost_of(carrier)
    for cost in owned:
        left = left.plus(cost, -1)
    for node, cost in zip(packets, owned, strict=True):
        kind, name, key = _classify(node)
        yield Item(kind, name, key, node, cost.plus(left, 1 / len(packets)))


def _packets(top: Node) -> list[Node]:
    """What a carrier carries. "ok" in answer to a POST is no packet."""
    return [node for node in top.children if isinstance(node, PACKETS)]


def _classify(node: Node) -> tuple[Kind, str, int | None]:
    for inner in walk([node]):
        if isinstance(inner, ChatCommand):
            return "command", inner.name, inner.id
        if isinstance(inner, ChatEvent):
            return ("reply" if inner.reply else "delivery"), inner.name, inner.id
    if isinstance(node, EngineIoPacket):
        beats = node.name in ("ping", "pong") and node.data != "probe"
        return ("heartbeat" if beats else "control"), node.name, None
    if isinstance(node, EarlyPacket) and node.name in ("heartbeat", "noop"):
        # Where a poll is ended by a noop, the next poll shows that somebody is there.
        return "heartbeat", "ping" if node.direction == "down" else "pong", None
    if isinstance(node, Frame) and node.opcode in (PING, PONG):
        return "heartbeat", "ping" if node.opcode == PING else "pong", None
    return "control", node.name if isinstance(node, EarlyPacket) else node.summary, None
