"""Names the labels of a run: A/A replicas, over TLS, with compression, and of joined nodes.

A replica measures a transport against itself. Two servers of one transport, each in its own
process, do not differ. If a verdict says that they do, it would also say so of two equal
transports. That is how the lab checks its verdicts.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Collection, Iterable
from typing import Literal

from lab.compression import Compression, parse

MARK = "~2"
TlsSession = Literal["full", "resumed"]
"""How a client over TLS begins: with a full handshake, or with the session of an earlier one."""
TLS_MARKS: dict[str, TlsSession] = {"+tls": "full", "+resumed": "resumed"}
"""The end of a label -> how its clients begin."""
JOINERS: dict[str, tuple[str, str]] = {
    "+redis-manager": ("socketio-websocket", "socketio-redis-manager"),
    "+redis-adapter": ("node-socketio-websocket", "node-socketio-redis-adapter"),
    "+redis-streams": ("node-socketio-websocket", "node-socketio-redis-streams"),
}
"""The end of a label -> the transport whose clients it has, and that of its nodes, which a library
joins: see `lab.cluster.registry`."""
PLUS = "+"
"""Begins the end of a label that says how its transport differs, such as `+tls` or `+15:6`."""
SIDES = "sides"
"""Key in a run's constants: label -> the version that its server has. In a run with two versions, a
replica is the changed side, and no longer equal to its original."""

NETWORK = "network"
"""Key in a run's constants: the link between the clients and the servers, if there was one."""


def replica(transport: str) -> str:
    """The label of the transport's replica."""
    return f"{transport}{MARK}"


def is_replica(label: str) -> bool:
    """Whether this label is a replica's."""
    return label.endswith(MARK)


def original(label: str) -> str:
    """The transport of a label: of an original, of a replica, or of one that differs."""
    return label.removesuffix(MARK).partition(PLUS)[0]


def over_tls(label: str) -> TlsSession | None:
    """How the clients of a label begin over TLS; None without TLS."""
    return next((each for mark, each in TLS_MARKS.items() if label.endswith(mark)), None)


def compression_of(label: str) -> Compression | None:
    """How the connections of a label compress, where the label says it."""
    _, plus, end = label.partition(PLUS)
    if not plus or f"{PLUS}{end}" in TLS_MARKS or f"{PLUS}{end}" in JOINERS:
        return None
    return parse(end)


def joined_by(label: str) -> str | None:
    """The transport of a cluster that serves a label; None: its library joins no nodes."""
    mark = next((mark for mark in JOINERS if label.endswith(mark)), None)
    return None if mark is None else JOINERS[mark][1]


def is_variant(label: str) -> bool:
    """Whether this label is a transport in another way than by default: to compare with itself."""
    return PLUS in label and joined_by(label) is None


def with_compressions(transports: Iterable[str], compressions: Iterable[Compression]) -> list[str]:
    """Every transport, followed by itself with each compression."""
    ends = [f"{PLUS}{each}" for each in compressions]
    return [f"{transport}{end}" for transport in transports for end in ("", *ends)]


def with_replicas(transports: Iterable[str]) -> list[str]:
    """Every transport, followed by its replica."""
    return [label for transport in transports for label in (transport, replica(transport))]


def with_tls(
    transports: Iterable[str], sessions: Collection[TlsSession] = tuple(TLS_MARKS.values())
) -> list[str]:
    """Every transport, followed by itself over TLS with clients that begin in these ways."""
    ends = ["", *(mark for mark, session in TLS_MARKS.items() if session in sessions)]
    return [f"{transport}{end}" for transport in transports for end in ends]


def with_joiners(transports: Iterable[str]) -> list[str]:
    """Every transport, followed by itself with each library that joins its nodes."""
    return [label for each in transports for label in (each, *_joined(each))]


def in_order(labels: Iterable[str], transports: Iterable[str]) -> list[str]:
    """The labels once each, in the order of the transports; the others after their original."""
    wanted = list(dict.fromkeys(labels))
    every = (
        label
        for transport in transports
        for label in (
            transport,
            replica(transport),
            *(f"{transport}{mark}" for mark in TLS_MARKS),
            *_joined(transport),
            *(each for each in wanted if compression_of(each) and original(each) == transport),
        )
    )
    return [label for label in every if label in wanted]


def _joined(transport: str) -> list[str]:
    return [f"{transport}{mark}" for mark, (clients, _) in JOINERS.items() if clients == transport]
