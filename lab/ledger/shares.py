"""Charge each packet its own bytes, and its share of whatever carried it.

A carrier is a WebSocket message with its frames, an HTTP exchange (request and response, headers
and all), or one write of a response that stays open. Its packets own their bytes; the rest is
divided among them equally. So the costs of all packets add up to all bytes that passed, and where a
poll brings ten deliveries, each is charged a tenth of the poll. A carrier without packets is one
item by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from lab.decode.rfc6455 import BINARY, CONTINUATION, PING, PONG, TEXT
from lab.decode.tree import ChatCommand, ChatEvent, EarlyPacket, EngineIoPacket, Frame, Node, walk
from lab.ledger.conversations import Conversation, Exchange

PACKETS = EngineIoPacket | EarlyPacket | ChatCommand | ChatEvent
"""What a carrier carries."""

Kind = Literal["command", "reply", "delivery", "heartbeat", "control"]


class LabelledBytes(msgspec.Struct, frozen=True):
    """Bytes by label (see `lab.decode.tree.Label`); a share or a mean need not be whole."""

    http: float = 0
    framing: float = 0
    payload: float = 0
    undecodable: float = 0
    tls: float = 0
    """What TLS adds: its handshake, and the head, tag and type of each record."""

    @property
    def total(self) -> float:
        """All of them."""
        return self.http + self.framing + self.payload + self.undecodable + self.tls

    def plus(self, other: LabelledBytes, times: float = 1) -> LabelledBytes:
        """This and, `times` over, the other."""
        return LabelledBytes(
            self.http + times * other.http,
            self.framing + times * other.framing,
            self.payload + times * other.payload,
            self.undecodable + times * other.undecodable,
            self.tls + times * other.tls,
        )

    def times(self, factor: float) -> LabelledBytes:
        """Each label's bytes times `factor`."""
        return LabelledBytes().plus(self, factor)


class ByteCost(msgspec.Struct, frozen=True):
    """Bytes in both directions."""

    up: LabelledBytes = LabelledBytes()
    down: LabelledBytes = LabelledBytes()

    def plus(self, other: ByteCost, times: float = 1) -> ByteCost:
        """This and, `times` over, the other."""
        return ByteCost(self.up.plus(other.up, times), self.down.plus(other.down, times))

    def times(self, factor: float) -> ByteCost:
        """Both directions times `factor`."""
        return ByteCost(self.up.times(factor), self.down.times(factor))


class ChargedPacket(msgspec.Struct, frozen=True):
    """One packet and what it cost. `id` pairs a command with its reply."""

    kind: Kind
    name: str
    id: int | None
    node: Node
    cost: ByteCost


def cost_of(nodes: Iterable[Node]) -> ByteCost:
    """The bytes that some trees own."""
    sums = {
        "up": dict.fromkeys(LabelledBytes.__struct_fields__, 0),
        "down": dict.fromkeys(LabelledBytes.__struct_fields__, 0),
    }
    for node in walk(nodes):
        sums[node.direction]["tls"] += node.tls
        for segment in node.segments:
            sums[node.direction][segment.label] += segment.end - segment.start
    return ByteCost(LabelledBytes(**sums["up"]), LabelledBytes(**sums["down"]))


def mean(costs: list[ByteCost]) -> ByteCost | None:
    """The mean of some costs; None where there are none."""
    total = ByteCost()
    for cost in costs:
        total = total.plus(cost)
    return total.times(1 / len(costs)) if costs else None


def items_of(conversation: Conversation) -> list[ChargedPacket]:
    """Every packet of a conversation with its cost; together, every byte of it."""
    return [
        item
        for exchange in conversation.exchanges
        for carrier in _carriers(exchange)
        for item in items_in(carrier)
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
    assembly = Assembly()
    for frame in frames:
        whole = assembly.add(frame)
        if whole:
            yield whole
    if assembly.unfinished:
        yield assembly.unfinished


class Assembly:
    """Puts the frames of one direction together to messages (RFC 6455 section 5.4)."""

    def __init__(self) -> None:
        self.unfinished: list[Node] = []

    def add(self, frame: Frame) -> list[Node]:
        """The message that this frame ends, or the control frame itself; empty where none ends."""
        if frame.opcode not in (CONTINUATION, TEXT, BINARY):
            return [frame]
        self.unfinished.append(frame)
        if not frame.fin:
            return []
        whole, self.unfinished = self.unfinished, []
        return whole


def items_in(carrier: list[Node]) -> Iterator[ChargedPacket]:
    """What one carrier carries, each with its own bytes and its share of the rest."""
    packets = [node for top in carrier for node in _packets(top)] or carrier[:1]
    owned = [cost_of([node]) if node is not carrier[0] else ByteCost() for node in packets]
    left = cost_of(carrier)
    for cost in owned:
        left = left.plus(cost, -1)
    for node, cost in zip(packets, owned, strict=True):
        kind, name, key = _classify(node)
        yield ChargedPacket(kind, name, key, node, cost.plus(left, 1 / len(packets)))


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
        # Where a noop ends a poll, the next poll shows that the client is there.
        return "heartbeat", "ping" if node.direction == "down" else "pong", None
    if isinstance(node, Frame) and node.opcode in (PING, PONG):
        return "heartbeat", "ping" if node.opcode == PING else "pong", None
    return "control", node.name if isinstance(node, EarlyPacket) else node.summary, None
