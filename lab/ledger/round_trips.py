"""Count the round trips that a conversation had to wait for, from its bytes alone.

The rule. A step is a connection dialled or accepted, a record of TLS's handshake, a request, a
response, one write of a response that stays open, or a frame of WebSocket or of HTTP/2. What a
step *needs* is what had to be received before it could be sent:

- accept needs dial (TCP's SYN and SYN-ACK, RFC 9293 section 3.5), and dial what its first request
  needs but the connection;
- in TLS, each flight of the handshake needs the other side's before it, and a request needs the
  server's (RFC 8446 section 2);
- a request needs its connection, or the response before it on that connection (RFC 9112 section
  9.3; requests are not pipelined by any client here); a response needs its request;
- over HTTP/2 a request needs its connection only, and a response its request: each stream goes on
  by itself (RFC 9113 section 5). The server's SETTINGS need the client's preface: the two may
  cross, but the preface follows the last packet of the handshake of TCP or TLS, and before that has
  come a server sends nothing (section 3.4). An extended CONNECT needs these SETTINGS (RFC 8441
  section 3);
- writes need the head of their response, frames the 101 (RFC 6455 section 4.1), and both their
  predecessors, the stream being in order;
- in a session, whatever names the `sid` or connects a namespace needs the open packet; a GET needs
  the answer to the GET before, a POST that to the POST before (Engine.IO protocol, "HTTP
  long-polling"); `upgrade` needs the probe's pong and the answers to what a client polls meanwhile,
  and the server's messages on the new transport need `upgrade` (Engine.IO protocol, "Upgrade"); a
  command needs the namespace's connect, and that the client's (Socket.IO protocol, "Connection to a
  namespace"; before version 1.0 the server's packet came unasked);
- what Flash sends needs the policy, which Flash requests on a connection of its own;
- a reply needs its command, by id.

The depth of a step is the longest chain of needs that leads to it, each change from client to
server and back counting one: the round trips that are sequential. What happens beside the longest
chain adds none. A need counts only where the capture has it before its step, so what nothing waited
for (a connection opened ahead) is not counted either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from lab.decode.tree import Direction, Http2Frame, Node, TlsRecord
from lab.ledger.conversations import Conversation, Exchange
from lab.ledger.session import Kind, Session, Step, is_policy

_ORDER: tuple[Kind, ...] = get_args(Kind)
_ANSWERS: tuple[Kind, ...] = ("accept", "tls", "preface", "request", "response", "policy")
"""What waits for the other side of its own connection."""


@dataclass(eq=False)
class RoundTrips:
    """All steps by time. After `ready` a command can be sent; `joined` is the reply to one."""

    steps: list[Step]
    ready: Step | None
    joined: Step | None


def count_round_trips(conversation: Conversation) -> RoundTrips:
    """Count the round trips of one conversation."""
    steps = list(_steps(conversation))
    _put_prefaces_first(steps)
    steps.sort(key=lambda step: (step.first_ns, _ORDER.index(step.kind)))
    session = Session(steps)
    for step in steps:
        step.needs += session.waits(step)
    _wait_in_line(steps)
    _dial_when_needed(steps)
    _count(steps)
    return RoundTrips(steps, _ready(steps, session), session.joined())


def _steps(conversation: Conversation) -> Iterable[Step]:
    for connection, at_ns in conversation.opened.items():
        yield Step("dial", "up", connection, None, at_ns, at_ns)
        yield Step("accept", "down", connection, None, at_ns, at_ns)
    for exchange in conversation.exchanges:
        for kind, nodes in _parts(exchange):
            for node in nodes:
                yield Step(
                    kind,
                    node.direction,
                    exchange.connection,
                    exchange,
                    node.first_ns,
                    node.last_ns,
                    (node,),
                )


def _put_prefaces_first(steps: list[Step]) -> None:
    """The server's SETTINGS may have crossed the client's preface."""
    announced = {step.connection: step for step in reversed(steps) if step.kind == "settings"}
    for step in steps:
        if step.kind == "preface" and step.connection in announced:
            step.first_ns = min(step.first_ns, announced[step.connection].first_ns)


def _parts(exchange: Exchange) -> list[tuple[Kind, list[Node]]]:
    return [
        ("request", list(exchange.requests)),
        ("response", list(exchange.responses)),
        ("part", list(exchange.parts)),
        ("frame", list(exchange.frames)),
        *((_kind(node), [node]) for node in exchange.others),
    ]


def _kind(node: Node) -> Kind:
    if isinstance(node, TlsRecord) and node.handshake:
        return "tls"
    if isinstance(node, Http2Frame):
        return _kind_of_frame(node)
    return "policy" if is_policy(node) else "other"


def _kind_of_frame(frame: Http2Frame) -> Kind:
    if frame.name == "preface":
        return "preface"
    return "settings" if frame.announces and frame.direction == "down" else "other"


def _wait_in_line(steps: list[Step]) -> None:
    """What the order on each connection, or on each stream of one, demands."""
    latest: dict[tuple[object, Direction], Step] = {}
    switched = {id(s.exchange): s for s in steps if s.kind == "response"}
    for step in steps:
        mine, theirs = (_line(step), step.direction), (_line(step), _other(step.direction))
        before = [latest.get(mine)]
        before += [latest.get(theirs)] if step.kind in _ANSWERS else []
        if step.kind == "request":
            before += [latest.get((step.connection, "up")), latest.get((step.connection, "down"))]
        before += [switched.get(id(step.exchange))] if step.kind == "frame" else []
        step.needs += [need for need in before if need is not None]
        latest[mine] = step


def _line(step: Step) -> object:
    """What is in order: a connection or, over HTTP/2, what is sent on a stream."""
    if step.exchange is None or not step.exchange.is_stream or step.kind in ("tls", "preface"):
        return step.connection
    if step.kind in ("settings", "other"):
        return "beside", step.connection
    return step.connection, step.exchange.number


def _other(direction: Direction) -> Direction:
    return "down" if direction == "up" else "up"


def _dial_when_needed(steps: list[Step]) -> None:
    """A connection is opened for its first request: it waits for what that waits for."""
    for dial in [step for step in steps if step.kind == "dial"]:
        first = [s for s in steps if s.kind == "request" and s.connection == dial.connection][:1]
        dial.needs += [
            need for step in first for need in step.needs if need.connection != dial.connection
        ]


def _count(steps: list[Step]) -> None:
    order = {id(step): number for number, step in enumerate(steps)}
    for number, step in enumerate(steps):
        earlier = [need for need in step.needs if order[id(need)] < number]
        for need in earlier:
            if step.after is None or need.depth + _turns(need, step) > step.depth:
                step.after, step.depth = need, need.depth + _turns(need, step)


def _turns(need: Step, step: Step) -> int:
    """A round trip is over when the client receives what its own sending caused."""
    return int(need.direction == "up" and step.direction == "down")


def _ready(steps: list[Step], session: Session) -> Step | None:
    """Socket.IO, now and in 0.9: its connect packet from the server. Natively: the 101."""
    if session.connected is not None:
        return session.connected
    switched = [s for s in steps if s.kind == "response" and s.exchange and s.exchange.upgraded]
    return next((s for s in switched if s.exchange and not s.exchange.engine_io), None)
