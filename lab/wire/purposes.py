"""Beside the wire: what each round trip of a handshake was for, in a word. Pure.

The words are what the wire itself says: `TCP` (RFC 9293 section 3.5), `101` (RFC 6455 section 4.1),
Engine.IO's `open` and `probe`, `40` (the packet that connects Socket.IO's namespace), `join`; the
method, where a request did none of these.
"""

from __future__ import annotations

from lab.wire.session import Step, connects, engine_io
from lab.wire.tree import ChatEvent, HttpRequest, HttpResponse, Node


def purposes(last: Step) -> tuple[str, ...]:
    """A word for each round trip of the longest chain of needs that leads to `last`, in order."""
    words: list[str] = []
    step = last
    while step.after is not None:
        if step.depth > step.after.depth:
            words.append(_purpose(step, step.after))
        step = step.after
    return tuple(reversed(words))


def _purpose(answer: Step, question: Step) -> str:
    if answer.kind == "accept":
        return "TCP"
    told = [word for word in map(_told, answer.packets) if word]
    return told[0] if told else _asked(question)


def _told(node: Node) -> str:
    """What the client waited for, where this is it."""
    if isinstance(node, HttpResponse):
        return "101" if node.status == 101 else ""
    if engine_io("open")(node):
        return "open"
    if engine_io("pong", "probe")(node):
        return "probe"
    if connects(node):
        return "40"
    return node.name.replace("joined", "join") if isinstance(node, ChatEvent) else ""


def _asked(question: Step) -> str:
    node = question.nodes[0]
    return node.method if isinstance(node, HttpRequest) else node.summary
