"""The steps of a conversation, and which packets had to wait for which.

These are the needs of Engine.IO, Socket.IO, Flash and the chat in `lab.ledger.round_trips`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    Direction,
    EarlyPacket,
    EngineIoPacket,
    FlashPolicy,
    HttpRequest,
    Node,
    SocketIoPacket,
    walk,
)
from lab.ledger.conversations import Exchange

Kind = Literal[
    "dial",
    "accept",
    "tls",
    "preface",
    "settings",
    "request",
    "response",
    "part",
    "frame",
    "policy",
    "other",
]


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
    """Which step waited for which, as the packets of a conversation say."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._prefaces = _first_of_each("preface", steps)
        self._announced = _first_of_each("settings", steps)
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
        self._polled = [s for s in steps if s.kind == "response" and _polls(s.exchange)]
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
            if engine_io("message")(node) and step.exchange and took_over(step.exchange):
                found.append(self._upgraded)
            if engine_io("upgrade")(node):
                found += self._polled
        if step.kind == "settings":
            found.append(self._prefaces.get(step.connection))
        if any(isinstance(node, HttpRequest) and node.protocol for node in step.nodes):
            found.append(self._announced.get(step.connection))
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
        return self._first("down", self._is_joined)

    def _is_joined(self, node: Node) -> bool:
        if not (isinstance(node, ChatEvent) and node.reply and node.name != "refused"):
            return False
        return node.name == "joined" or self._commands.get(node.id, (None, ""))[1] == "join"


def _first_of_each(kind: Kind, steps: list[Step]) -> dict[int, Step]:
    """By connection: the first step of a kind."""
    return {step.connection: step for step in reversed(steps) if step.kind == kind}


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
    """Whether a node connects Socket.IO's namespace, as the request or as the answer."""
    return isinstance(node, SocketIoPacket | EarlyPacket) and node.name == "connect"


def is_policy(node: Node) -> bool:
    """Whether a node belongs to Flash's policy."""
    return isinstance(node, FlashPolicy)


def _polls(exchange: Exchange | None, *methods: str) -> bool:
    """Whether an exchange is a poll, by one of these methods if any are given."""
    if exchange is None or not exchange.polls:
        return False
    return not methods or exchange.requests[0].method in methods


def took_over(exchange: Exchange) -> bool:
    """Whether a session that began by polling moved here."""
    return exchange.upgraded and "sid" in exchange.query
