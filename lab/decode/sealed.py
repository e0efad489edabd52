"""TLS records in the tree of what they carried.

`lab.tls.opened` opens a capture: it gives the bytes inside TLS, which are then decoded as if there
were no TLS, and these records, whose own bytes are added to the tree here.
"""

from __future__ import annotations

__pure__ = True

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from lab.decode.tree import Connection, Direction, Node, TlsRecord, Trace


class SealedRecord(msgspec.Struct, frozen=True, gc=False):
    """One TLS record as it was captured.

    `at`: how many bytes of the application came before it in its direction. `carried`: how many
    such bytes it carried. `size`: of the whole record. `says`: what it was, or why it is not open.
    """

    connection: int
    direction: Direction
    at_ns: int
    at: int
    carried: int
    size: int
    says: str
    handshake: bool = False

    @property
    def added(self) -> int:
        """What TLS added to what was carried, in bytes."""
        return self.size - self.carried


def with_records(trace: Trace, records: Iterable[SealedRecord]) -> Trace:
    """Add the bytes of TLS to a trace of what was inside it.

    A record's bytes are added to the message that begins it; a record without a byte of the
    application is a node by itself.
    """
    found: dict[tuple[int, Direction], list[SealedRecord]] = {}
    for record in records:
        found.setdefault((record.connection, record.direction), []).append(record)
    return Trace(tuple(_connection(each, found) for each in trace.connections))


def _connection(
    connection: Connection, found: dict[tuple[int, Direction], list[SealedRecord]]
) -> Connection:
    number = connection.connection
    return msgspec.structs.replace(
        connection,
        up=_nodes(connection.up, found.get((number, "up"), [])),
        down=_nodes(connection.down, found.get((number, "down"), [])),
    )


def _nodes(nodes: Sequence[Node], records: Sequence[SealedRecord]) -> tuple[Node, ...]:
    starts = [node.start for node in nodes]
    added = [0] * len(nodes)
    without: list[Node] = []
    for record in records:
        index = bisect_right(starts, record.at) - 1
        if record.carried and index >= 0:
            added[index] += record.added
        else:
            without.append(alone(record))
    carrying = [
        msgspec.structs.replace(node, tls=tls) for node, tls in zip(nodes, added, strict=True)
    ]
    return tuple(sorted([*without, *carrying], key=_place))


def _place(node: Node) -> tuple[int, int, bool]:
    """In the order of the stream; a record without a place in it before what came at its place."""
    return node.start, node.first_ns, not isinstance(node, TlsRecord)


def alone(record: SealedRecord) -> Node:
    """A record without a byte of the application, as a node by itself."""
    return TlsRecord(
        direction=record.direction,
        start=record.at,
        end=record.at,
        first_ns=record.at_ns,
        last_ns=record.at_ns,
        tls=record.added,
        summary=record.says,
        handshake=record.handshake,
    )
