"""Beside the wire: what each round trip of a handshake was for, in a word. Pure.

The words are what the wire itself says: `TCP` (RFC 9293 section 3.5), `101` (RFC 6455 section 4.1),
Engine.IO's `open` and `probe`, `40` (the packet that connects Socket.IO's namespace; `1::` in
Socket.IO 0.9), Flash's `policy`, `join`; the method, where a request did none of these.
"""

from __future__ import annotations

from lab.wire.session import Step, connects, engine_io, is_policy, opens
from lab.wire.tree import ChatEvent, HttpRequest, HttpResponse, Node, SocketIoPacket


def purposes(last: Step) -> tuple[str, ...]:
    """A word for each round trip of the longest chain of needs that leads to `last`, in order."""
    words: list[str] = []
    came: list[Step] = []
    step = last
    while step.after is not None:
        # What comes in one round trip, as a write with the head of its response, is one answer.
        came = [step, *came] if step.direction == "down" else []
        if step.depth > step.after.depth:
            words.append(_purpose(came, step.after))
            came = []
        step = step.after
    return tuple(reversed(words))


def _purpose(came: list[Step], question: Step) -> str:
    if came[0].kind == "accept":
        return "TCP"
    told = [word for step in came for word in map(_told, step.packets) if word]
    return told[0] if told else _asked(question)


def _told(node: Node) -> str:
    """What the client waited for, where this is it."""
    if isinstance(node, HttpResponse):
        return "101" if node.status == 101 else ""
    if is_policy(node):
        return "policy"
    if opens(node):
        return "open"
    if engine_io("pong", "probe")(node):
        return "probe"
    if connects(node):
        return "40" if isinstance(node, SocketIoPacket) else "1::"
    return node.name.replace("joined", "join") if isinstance(node, ChatEvent) else ""


def _asked(question: Step) -> str:
    node = question.nodes[0]
    return node.method if isinstance(node, HttpRequest) else node.summary
