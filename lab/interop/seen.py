"""Reads HTTP statuses and close frames off the captured bytes of an attempt.

A client's own report may be vague or wrong: a browser knows 1006 and no reason.
"""

from __future__ import annotations

from lab.decode.decode import decode
from lab.decode.frames import payload_of
from lab.decode.rfc6455 import CLOSE
from lab.decode.tree import Connection, Frame, HttpResponse, Node
from lab.load.tapped import Capture

NO_CODE = 1005
"""The code of a close frame without a code (RFC 6455 section 7.1.5)."""


def statuses(capture: Capture) -> tuple[int, ...]:
    """Return the status of every HTTP response, in order."""
    return tuple(node.status for _, node in _nodes(capture) if isinstance(node, HttpResponse))


def closes(capture: Capture) -> tuple[str, ...]:
    """Return every close frame, in order, with its direction and its code, as in "down 1000".

    Bytes that only look like a close frame contain an undecodable part and are left out.
    """
    return tuple(
        f"{node.direction} {_code(connection, node)}"
        for connection, node in _nodes(capture)
        if isinstance(node, Frame) and node.opcode == CLOSE and not node.children
    )


def _nodes(capture: Capture) -> list[tuple[Connection, Node]]:
    trace = decode(capture.chunks, capture.events)
    nodes = [(connection, node) for connection in trace.connections for node in connection.nodes()]
    return sorted(nodes, key=lambda pair: pair[1].first_ns)


def _code(connection: Connection, frame: Frame) -> int:
    text = payload_of(frame, connection.bytes_of(frame.direction))
    return int.from_bytes(text[:2], "big") if len(text) >= 2 else NO_CODE
