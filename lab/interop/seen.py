"""Among the interop matrix: what the wire itself shows of an attempt, read off its bytes (pure).

What a client says may be vague, or wrong: a browser knows 1006 and no reason.
"""

from __future__ import annotations

from lab.load.tapped import Tape
from lab.wire.decode import decode
from lab.wire.rfc6455 import CLOSE, unmask
from lab.wire.tree import Connection, Frame, HttpResponse, Node

NO_CODE = 1005
"""A close frame without a code counts as this one (RFC 6455 section 7.1.5)."""


def statuses(tape: Tape) -> tuple[int, ...]:
    """The status of every HTTP response, in the order in which they came."""
    return tuple(node.status for _, node in _nodes(tape) if isinstance(node, HttpResponse))


def closes(tape: Tape) -> tuple[str, ...]:
    """Every close frame, in its order: its direction and its code, as in "down 1000".

    What only looks like one, in bytes that are no frames, has an undecodable part.
    """
    return tuple(
        f"{node.direction} {_code(connection, node)}"
        for connection, node in _nodes(tape)
        if isinstance(node, Frame) and node.opcode == CLOSE and not node.children
    )


def _nodes(tape: Tape) -> list[tuple[Connection, Node]]:
    trace = decode(tape.chunks, tape.events)
    nodes = [(connection, node) for connection in trace.connections for node in connection.nodes()]
    return sorted(nodes, key=lambda pair: pair[1].first_ns)


def _code(connection: Connection, frame: Frame) -> int:
    data = connection.bytes_of(frame.direction)
    body = frame.end - frame.payload_bytes
    text = unmask(data[body : frame.end], data[body - 4 : body] if frame.masked else b"")
    return int.from_bytes(text[:2], "big") if len(text) >= 2 else NO_CODE
