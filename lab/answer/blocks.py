"""What the answer compares: three blocks of four transports each, and one row for each figure."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator

import msgspec

PLAIN, OVER_WEBSOCKET, POLLING, DEFAULT = "plain", "websocket", "polling", "default"
VARIANTS = {
    PLAIN: "plain WebSocket",
    DEFAULT: "Socket.IO, default",
    OVER_WEBSOCKET: "Socket.IO over WebSocket only",
    POLLING: "Socket.IO over long-polling only",
}
"""Variant -> its name. The first is what the others are compared with."""


class Block(msgspec.Struct, frozen=True):
    """One stack. All transports of a block are written in the same language.

    `begins`: how a sentence about it begins. `whose`: which servers it compares. `libraries`: what
    speaks WebSocket, and what speaks Socket.IO. `needs`: what it takes to measure it, where no
    run here has.
    """

    key: str
    title: str
    begins: str
    whose: str
    libraries: tuple[str, str]
    transports: dict[str, str]
    needs: str = ""


def _transports(plain: str, prefix: str, suffix: str = "") -> dict[str, str]:
    return {
        PLAIN: plain,
        DEFAULT: f"{prefix}{suffix}",
        OVER_WEBSOCKET: f"{prefix}-websocket{suffix}",
        POLLING: f"{prefix}-polling{suffix}",
    }


BLOCKS = (
    Block(
        "protocol",
        "The protocol",
        "The protocol alone:",
        "servers without a library",
        ("WebSocket", "Socket.IO"),
        _transports("websocket-tuned", "socketio", "-tuned"),
    ),
    Block(
        "node",
        "On Node",
        "On Node,",
        "socket.io against ws",
        ("ws", "socket.io"),
        _transports("node-websocket", "node-socketio"),
        "needs Node 18+ and node-websocket, node-socketio among --transports",
    ),
    Block(
        "python",
        "On Python",
        "On Python,",
        "python-socketio against websockets",
        ("websockets", "python-socketio"),
        _transports("websocket", "socketio"),
    ),
)
"""The blocks, in the order of the answer."""

CLIENTS = {"python": "in Python", "browser": "in a browser", "node": "in Node"}
"""Where the client runs -> how a title says it."""
PYTHON = "python"


class Row(msgspec.Struct, frozen=True):
    """One figure of the answer. `short` is its title on a terminal, with the unit.

    `figures`: keys in `lab.measure.figures`, the preferred one first: all have the same meaning and
    unit. `clients`: the clients for which the answer has this row. If there are none, it is the
    client of the run. `counted`: exact, so one count is enough.
    """

    key: str
    title: str
    short: str
    unit: str
    figures: tuple[str, ...]
    clients: tuple[str, ...] = ()
    counted: bool = False


ROWS = (
    Row(
        "round_trips",
        "round trips until it can send",
        "round trips to connect",
        "",
        ("round_trips_new_connect", "slope_new_connect"),
        tuple(CLIENTS),
        counted=True,
    ),
    Row("connect", "connect, no network delay", "connect, ms", "ms", ("connect_p50_ms",)),
    Row(
        "connect_50",
        "connect at an RTT of 50 ms",
        "connect at 50 ms RTT",
        "ms",
        ("connect_at_50_ms",),
    ),
    Row("rtt", "RTT p50, one message in flight", "RTT p50, µs", "µs", ("rtt_p50_us",)),
    Row(
        "message_bytes",
        "bytes of a message and its reply",
        "say and reply, B",
        "B",
        ("message_bytes",),
        counted=True,
    ),
    Row(
        "delivery_bytes",
        "bytes of a delivery",
        "delivery, B",
        "B",
        ("delivery_bytes",),
        counted=True,
    ),
    Row(
        "cpu_1",
        "server CPU per delivery, 1 in flight",
        "CPU, 1 in flight, µs",
        "µs",
        ("one_cpu_us_100", "apart_whole_us_1"),
    ),
    Row(
        "cpu_16",
        "server CPU per delivery, 16 in flight",
        "CPU, 16 in flight, µs",
        "µs",
        ("server_cpu_us_per_delivery_100", "window_cpu_us_100", "apart_whole_us_16"),
    ),
    Row(
        "memory",
        "server memory per idle connection",
        "memory, idle, KiB",
        "KiB",
        ("memory_connected_kib",),
    ),
)
"""The rows, in the order of the answer. Deliveries are in a room of 100."""

FIGURES = tuple(figure for row in ROWS for figure in row.figures)
"""Every figure that the answer can show."""


def pairs() -> Iterator[tuple[str, str]]:
    """(Transport, the one that it is compared with).

    Within a block, each variant against the plain one. Across blocks, the same variant on two
    stacks: what a stack adds to the protocol, and Python against Node.
    """
    for block in BLOCKS:
        plain = block.transports[PLAIN]
        yield from ((other, plain) for other in block.transports.values() if other != plain)
    for variant in VARIANTS:
        protocol, node, python = (block.transports[variant] for block in BLOCKS)
        yield from ((node, protocol), (python, protocol), (python, node))


def plain_of(transport: str) -> str | None:
    """The plain transport of a transport's block; None if it is in no block."""
    found = (each.transports[PLAIN] for each in BLOCKS if transport in each.transports.values())
    return next(found, None)
