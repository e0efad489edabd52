"""Group the exchanges of all connections into the conversations of single clients.

A session's name ties its requests together, over connections. An upgraded connection without a
session is a conversation by itself, and so is the rest of what a connection carries. A connection
for Flash's policy belongs to the connection that is opened next, for which Flash requested it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lab.decode.fallbacks.target import Target, target_of
from lab.decode.messages import query_of
from lab.decode.tree import (
    Connection,
    EarlyPacket,
    EngineIoPacket,
    FlashPolicy,
    Frame,
    Http2Frame,
    HttpRequest,
    HttpResponse,
    Node,
    StreamPart,
    TlsRecord,
    Trace,
    walk,
)


@dataclass(eq=False)
class Exchange:
    """A request, what answers it, and what follows.

    That is `parts`, of a response that stays open, or `frames`, where it switched protocols.
    """

    connection: int
    number: int
    requests: list[HttpRequest] = field(default_factory=list)
    responses: list[HttpResponse] = field(default_factory=list)
    parts: list[StreamPart] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    others: list[Node] = field(default_factory=list)
    is_stream: bool = False
    """Whether it is a stream of HTTP/2, beside others on its connection."""

    @property
    def nodes(self) -> list[Node]:
        """All of it, both directions."""
        return [*self.requests, *self.responses, *self.parts, *self.frames, *self.others]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the request's target."""
        return query_of(self.requests[0].target) if self.requests else {}

    @property
    def fallback(self) -> Target | None:
        """The fallback that its target is for; None where it carries something else."""
        return target_of(self.requests[0].target) if self.requests else None

    @property
    def session(self) -> str:
        """The session that its target names, "" if none."""
        return self.fallback.session if self.fallback else self.query.get("sid", "")

    @property
    def upgraded(self) -> bool:
        """Whether it switched protocols: by 101, or by the answer to an extended CONNECT."""
        extended = any(request.protocol for request in self.requests)
        return any(
            response.status == 101 or (extended and 200 <= response.status < 300)
            for response in self.responses
        )

    @property
    def polls(self) -> bool:
        """Whether it is one of a session's plain HTTP requests."""
        return not self.upgraded and (self.engine_io or self.fallback is not None)

    @property
    def engine_io(self) -> bool:
        """Whether it carries Engine.IO."""
        return "EIO" in self.query


@dataclass(eq=False)
class Conversation:
    """One client's exchanges by time; `opened`: connections opened for it, and when."""

    name: str
    exchanges: list[Exchange] = field(default_factory=list)
    opened: dict[int, int] = field(default_factory=dict)


def conversations(trace: Trace) -> list[Conversation]:
    """Every exchange of the trace in exactly one conversation, in the order they began."""
    every = {c.connection: list(exchanges_of(c)) for c in trace.connections}
    named = {number: [_name(exchange) for exchange in each] for number, each in every.items()}
    for policy, other in _policies(trace):
        named[policy] = named[other][:1] or named[policy]
    found: dict[str, Conversation] = {}
    for connection in trace.connections:
        names = named[connection.connection]
        for name, exchange in zip(names, every[connection.connection], strict=True):
            found.setdefault(name, Conversation(name)).exchanges.append(exchange)
        # A connection kept alive was opened for the first that used it.
        first = found.setdefault(
            name_of(connection, names), Conversation(name_of(connection, names))
        )
        first.opened[connection.connection] = _opened_ns(connection)
    for conversation in found.values():
        conversation.exchanges.sort(key=lambda exchange: min(n.first_ns for n in exchange.nodes))
    return sorted(found.values(), key=_began_ns)


def _policies(trace: Trace) -> Iterator[tuple[int, int]]:
    """Each connection for a policy, with the connection that it is for: the next to be opened."""
    waiting: list[Connection] = []
    for connection in sorted(trace.connections, key=_opened_ns):
        if any(isinstance(node, FlashPolicy) for node in connection.up):
            waiting.append(connection)
        elif waiting:
            yield waiting.pop(0).connection, connection.connection


def _began_ns(conversation: Conversation) -> int:
    """When its first connection was opened or, on one kept alive, its first byte was sent."""
    nodes = (node for exchange in conversation.exchanges for node in exchange.nodes)
    return min([*conversation.opened.values(), *(node.first_ns for node in nodes)], default=0)


def exchanges_of(connection: Connection) -> Iterator[Exchange]:
    """The exchanges of a connection; what cannot be decoded goes with the last one before it."""
    found: dict[int, Exchange] = {}
    number = 0
    is_stream = any(isinstance(node, Http2Frame) for node in connection.up)
    for node in (*connection.up, *connection.down):
        if isinstance(node, TlsRecord) and node.handshake:
            number = 0  # the handshake of a connection belongs to what it was opened for
        if isinstance(node, HttpRequest | HttpResponse | StreamPart | Frame | Http2Frame):
            number = node.exchange
        if number not in found:
            found[number] = Exchange(connection.connection, number, is_stream=is_stream)
        _put(found[number], node)
    return iter(found.values())


def _put(exchange: Exchange, node: Node) -> None:
    if isinstance(node, HttpRequest):
        exchange.requests.append(node)
    elif isinstance(node, HttpResponse):
        exchange.responses.append(node)
    elif isinstance(node, StreamPart):
        exchange.parts.append(node)
    elif isinstance(node, Frame):
        exchange.frames.append(node)
    else:
        exchange.others.append(node)


def _name(exchange: Exchange) -> str:
    session = exchange.session or opened_session(exchange.nodes)
    if session:
        return f"session {session}"
    if exchange.upgraded:
        stream = f", stream {2 * exchange.number + 1}" if exchange.is_stream else ""
        return f"websocket, connection {exchange.connection}{stream}"
    return f"connection {exchange.connection}"


def name_of(connection: Connection, names: list[str]) -> str:
    """The conversation that a connection was opened for: its first."""
    return names[0] if names else f"connection {connection.connection}"


def _opened_ns(connection: Connection) -> int:
    if connection.opened_ns is not None:
        return connection.opened_ns
    return min((node.first_ns for node in (*connection.up, *connection.down)), default=0)


def opened_session(nodes: Iterable[Node]) -> str:
    """The session that an open packet names, "" if there is none."""
    return str(open_data(nodes).get("sid", ""))


def open_data(nodes: Iterable[Node]) -> dict[str, object]:
    """The data of an open packet: sid, Engine.IO's pingInterval in ms, ...; {} if there is none."""
    for node in walk(nodes):
        if not isinstance(node, EngineIoPacket | EarlyPacket) or node.name != "open":
            continue
        if isinstance(node.data, dict):
            return node.data
    return {}
