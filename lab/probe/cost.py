"""Round trips and bytes by layer of captured handshakes, by the ledger."""

from __future__ import annotations

__pure__ = True

from collections.abc import Sequence
from statistics import median_low

from lab.decode.decode import decode
from lab.ledger.ledger import Entry, ledger
from lab.probe.findings import TransportCost
from lab.relay.capture import Chunk, ConnectionEvent

TLS_ROUND_TRIPS = {"TLSv1.3": 1, "TLSv1.2": 2, "TLSv1.1": 2, "TLSv1": 2}
"""Of a full handshake (RFC 8446 section 2; RFC 5246 section 7.3)."""


def cost_of_handshake(
    name: str,
    times_ns: Sequence[int],
    chunks: Sequence[Chunk],
    events: Sequence[ConnectionEvent],
    tls_version: str = "",
) -> TransportCost:
    """The cost of one handshake that was captured; `times_ns` are those of several like it."""
    entries = ledger(decode(chunks, events)).entries
    entry = max(entries, key=_size)
    tls = TLS_ROUND_TRIPS.get(tls_version, 0) * entry.tcp_connections
    if entry.connect is None:  # nothing reads the packet that connects
        return TransportCost(
            name=name,
            connect_ns=median_low(times_ns),
            tls_round_trips=tls,
            tcp_connections=entry.tcp_connections,
            http_requests=entry.http_requests,
            up=entry.total.up,
            down=entry.total.down,
        )
    return TransportCost(
        name=name,
        connect_ns=median_low(times_ns),
        round_trips=entry.connect.round_trips,
        purposes=entry.connect.purposes,
        tls_round_trips=tls,
        tcp_connections=entry.connect.tcp_connections,
        http_requests=entry.connect.http_requests,
        up=entry.connect.cost.up,
        down=entry.connect.cost.down,
    )


def _size(entry: Entry) -> float:
    return entry.total.up.total + entry.total.down.total
