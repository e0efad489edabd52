"""Beside the wire: how many round trips a conversation had to wait for, from its bytes alone.

The rule. A step is a connection dialled or accepted, a request, a response, one write of a response
that stays open, or a frame. What a step *needs* is what had to be received before it could be sent:

- accept needs dial (TCP's SYN and SYN-ACK, RFC 9293 section 3.5), and dial what its first request
  needs but the connection;
- a request needs its connection, or the response before it on that connection (RFC 9112 section
  9.3; requests are not pipelined by any client here); a response needs its request;
- writes need the head of their response, frames the 101 (RFC 6455 section 4.1), and both their
  predecessors, the stream being in order;
- in a session, whatever names the `sid` or connects a namespace needs the open packet; a GET needs
  the answer to the GET before, a POST that to the POST before (Engine.IO protocol, "HTTP
  long-polling"); `upgrade` needs the probe's pong, and the server's messages on the new wire need
  `upgrade` (Engine.IO protocol, "Upgrade"); a command needs the namespace's connect, and that the
  client's (Socket.IO protocol, "Connection to a namespace"; before version 1.0 the server's packet
  came unasked);
- what Flash sends needs the policy, which is asked for on a connection of its own;
- a reply needs its command, by id.

The depth of a step is the longest chain of needs that leads to it, each change from client to
server and back counting one: the round trips that are sequential. What goes on beside the longest
chain adds none. Needs count only where the tap saw them come first, so a step not waited for (a
connection opened ahead) is not counted either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from lab.wire.conversations import Conversation, Exchange
from lab.wire.session import Kind, Session, Step, is_policy
from lab.wire.tree import Direction, Node

_ORDER: tuple[Kind, ...] = get_args(Kind)
_ANSWERS: tuple[Kind, ...] = ("accept", "request", "response", "policy")
"""What waits for the other side of its own connection."""


@dataclass(eq=False)
class Rounds:
    """All steps by time. After `ready` a command can be sent; `joined` is the reply to one."""

    steps: list[Step]
    ready: Step | None
    joined: Step | None


def rounds(conversation: Conversation) -> Rounds:
    """Count the round trips of one conversation."""
    steps = sorted(_steps(conversation), key=lambda step: (step.first_ns, _ORDER.index(step.kind)))
    session = Session(steps)
    for step in steps:
        step.needs += session.waits(step)
    _wait_in_line(steps)
    _dial_when_needed(steps)
    _count(steps)
    return Rounds(steps, _ready(steps, session), session.joined())


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


def _parts(exchange: Exchange) -> list[tuple[Kind, list[Node]]]:
    return [
        ("request", list(exchange.requests)),
        ("response", list(exchange.responses)),
        ("part", list(exchange.parts)),
        ("frame", list(exchange.frames)),
        ("policy", [node for node in exchange.others if is_policy(node)]),
        ("other", [node for node in exchange.others if not is_policy(node)]),
    ]


def _wait_in_line(steps: list[Step]) -> None:
    """What the order on each connection demands."""
    latest: dict[tuple[int, Direction], Step] = {}
    switched = {id(s.exchange): s for s in steps if s.kind == "response"}
    for step in steps:
        mine, theirs = (step.connection, step.direction), (step.connection, _other(step.direction))
        before = [latest.get(mine)]
        before += [latest.get(theirs)] if step.kind in _ANSWERS else []
        before += [switched.get(id(step.exchange))] if step.kind == "frame" else []
        step.needs += [need for need in before if need is not None]
        latest[mine] = step


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
