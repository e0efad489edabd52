"""Beside the wire: the steps of a conversation, and what its packets say about who waited for whom.

Engine.IO's, Socket.IO's, Flash's and the chat's part of the rule that stands in `lab.wire.rounds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lab.wire.conversations import Exchange
from lab.wire.tree import (
    ChatCommand,
    ChatEvent,
    Direction,
    EarlyPacket,
    EngineIoPacket,
    FlashPolicy,
    Node,
    SocketIoPacket,
    walk,
)

Kind = Literal["dial", "accept", "request", "response", "part", "frame", "policy", "other"]


@dataclass(eq=False)
class Step:
    """Something sent at once. `depth`: round trips over when it was sent, or received.

    `after` is what it waited for longest; of several, what its packets need before what its
    connection does.
    """

    kind: Kind
    direction: Direction
    connection: int
    exchange: Exchange | None
    first_ns: int
    last_ns: int
    nodes: tuple[Node, ...] = ()
    needs: list[Step] = field(default_factory=list)
    depth: int = 0
    after: Step | None = None

    @property
    def packets(self) -> list[Node]:
        """All that it carries, with itself."""
        return list(walk(self.nodes))


class Session:
    """What the packets of a conversation say about who waited for what."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._opened = self._first("down", opens)
        self._allowed = self._first("down", is_policy)
        self._asked = self._first("up", connects)
        self.connected = self._first("down", connects)
        self._probed = self._first("up", engine_io("ping", "probe"))
        self._confirmed = self._first("down", engine_io("pong", "probe"))
        self._upgraded = self._first("up", engine_io("upgrade"))
        self._commands = {
            node.id: (step, node.name)
            for step in steps
            for node in step.packets
            if isinstance(node, ChatCommand)
        }
        self._answer_before = {**self._follow("GET"), **self._follow("POST")}

    def _first(self, direction: Direction, wanted: Callable[[Node], bool]) -> Step | None:
        mine = (step for step in self._steps if step.direction == direction)
        return next((step for step in mine if any(map(wanted, step.packets))), None)

    def _follow(self, method: str) -> dict[int, Step]:
        """By request: the response to the one before it of the same method, in one session."""
        before: dict[int, Step] = {}
        exchange: Exchange | None = None
        answers = {id(step.exchange): step for step in self._steps if step.kind == "response"}
        for step in self._steps:
            if step.kind != "request" or not _polls(step.exchange, method):
                continue
            if id(exchange) in answers:
                before[id(step)] = answers[id(exchange)]
            exchange = step.exchange
        return before

    def waits(self, step: Step) -> list[Step]:
        """What a step needs by the rules of the protocols in it and of the chat, packets first."""
        found: list[Step | None] = []
        for node in step.packets:
            found.append(
                self._for_client(node) if step.direction == "up" else self._for_server(node)
            )
            if engine_io("message")(node) and step.exchange and _took_over(step.exchange):
                found.append(self._upgraded)
        if step.kind == "request" and step.exchange:
            found += [self._allowed, self._opened if step.exchange.session else None]
        found.append(self._answer_before.get(id(step)))
        return [need for need in found if need is not None]

    def _for_client(self, node: Node) -> Step | None:
        if connects(node):
            return self._opened
        if engine_io("upgrade")(node):
            return self._confirmed
        return self.connected if isinstance(node, ChatCommand) else None

    def _for_server(self, node: Node) -> Step | None:
        if connects(node):
            return self._asked
        if engine_io("pong", "probe")(node):
            return self._probed
        if isinstance(node, ChatEvent) and node.reply and node.id in self._commands:
            return self._commands[node.id][0]
        return None

    def joined(self) -> Step | None:
        """The first reply to a `join` that was not refused."""
        return self._first("down", self._tells_joined)

    def _tells_joined(self, node: Node) -> bool:
        if not (isinstance(node, ChatEvent) and node.reply and node.name != "refused"):
            return False
        return node.name == "joined" or self._commands.get(node.id, (None, ""))[1] == "join"


def engine_io(name: str, data: str | None = None) -> Callable[[Node], bool]:
    """Whether a node is the Engine.IO packet of that name, and of that data where it is given."""

    def is_one(node: Node) -> bool:
        mine = isinstance(node, EngineIoPacket) and node.name == name
        return mine and (data is None or (isinstance(node, EngineIoPacket) and node.data == data))

    return is_one


def opens(node: Node) -> bool:
    """Whether a node names the session that it opens."""
    return isinstance(node, EngineIoPacket | EarlyPacket) and node.name == "open"


def connects(node: Node) -> bool:
    """Whether a node is the packet that connects Socket.IO's namespace: asked for, or granted."""
    return isinstance(node, SocketIoPacket | EarlyPacket) and node.name == "connect"


def is_policy(node: Node) -> bool:
    """Whether a node belongs to Flash's policy."""
    return isinstance(node, FlashPolicy)


def _polls(exchange: Exchange | None, method: str) -> bool:
    return exchange is not None and exchange.polls and exchange.requests[0].method == method


def _took_over(exchange: Exchange) -> bool:
    """Whether a session that began by polling moved here."""
    return exchange.upgraded and "sid" in exchange.query
