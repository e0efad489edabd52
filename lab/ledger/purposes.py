"""Say in a word what each round trip of a handshake was for.

The words are the protocols' own: `TCP` (RFC 9293 section 3.5), `TLS` (RFC 8446 section 2),
`SETTINGS` (of HTTP/2, RFC 9113 section 3.4), `101` (RFC 6455 section 4.1), Engine.IO's `open` and
`probe`, `40` (the packet that connects Socket.IO's namespace; `1::` in Socket.IO 0.9), Flash's
`policy`, `join`. A request that did none of these is named by its method, as CONNECT, by which a
WebSocket over HTTP/2 opens.
"""

from __future__ import annotations

__pure__ = True

from typing import NamedTuple

from lab.decode.tree import ChatEvent, Http2Frame, HttpRequest, HttpResponse, Node, SocketIoPacket
from lab.ledger.session import Step, connects, engine_io, is_policy, opens


class Turn(NamedTuple):
    """One round trip that a client waited for: what it sent, what came in answer, and what for."""

    purpose: str
    question: Step
    answers: tuple[Step, ...]


def purposes(last: Step) -> tuple[str, ...]:
    """A word for each round trip of the longest chain of needs that leads to `last`, in order."""
    return tuple(turn.purpose for turn in turns_to(last))


def turns_to(last: Step) -> tuple[Turn, ...]:
    """The round trips of the longest chain of needs that leads to `last`, in order."""
    turns: list[Turn] = []
    came: list[Step] = []
    step = last
    while step.after is not None:
        # What comes in one round trip, as a write with the head of its response, is one answer.
        came = [step, *came] if step.direction == "down" else []
        if step.depth > step.after.depth:
            turns.append(Turn(_purpose(came, step.after), step.after, tuple(came)))
            came = []
        step = step.after
    return tuple(reversed(turns))


def _purpose(came: list[Step], question: Step) -> str:
    if came[0].kind == "accept":
        return "TCP"
    if came[0].kind == "tls":
        return "TLS"
    # An application may send an event of its own before the packet that connects the namespace.
    nodes = sorted((n for step in came for n in step.packets), key=_is_chat)
    words = [word for word in map(_word, nodes) if word]
    return words[0] if words else _word_of_request(question)


def _is_chat(node: Node) -> bool:
    return isinstance(node, ChatEvent)


def _word(node: Node) -> str:
    """What the client waited for, where this is it."""
    if isinstance(node, HttpResponse):
        return "101" if node.status == 101 else ""
    if isinstance(node, Http2Frame):
        return "SETTINGS" if node.announces else ""
    if is_policy(node):
        return "policy"
    if opens(node):
        return "open"
    if engine_io("pong", "probe")(node):
        return "probe"
    if connects(node):
        return "40" if isinstance(node, SocketIoPacket) else "1::"
    return node.name.replace("joined", "join") if isinstance(node, ChatEvent) else ""


def _word_of_request(question: Step) -> str:
    node = question.nodes[0]
    return node.method if isinstance(node, HttpRequest) else node.summary
