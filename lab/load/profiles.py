"""The experiments, and the sizes of their workloads in each profile."""

from __future__ import annotations

__pure__ = True

from enum import StrEnum
from typing import Literal

import msgspec

from lab.load.open_loop.schedule import Arrivals

Driver = Literal["library", "raw"]
"""The client of a measurement in Python: the transport's library client, as an application uses it,
or the raw one, which does almost nothing. They answer different questions, and never share a
column."""

Client = Literal["python", "browser", "node"]
"""Where the client runs: in Python, with one of the drivers; in a page of a browser; or in Node."""

ClientKind = Literal["library", "raw", "browser", "node"]
"""The client, as the record names it."""

JAVASCRIPT_CLIENTS: tuple[Client, ...] = ("browser", "node")
JAVASCRIPT_EXPERIMENTS = ("handshake", "latency", "throughput", "round_trips")
"""The experiments that clients in JavaScript can run; see `benchmarks/javascript/`."""


class Requirement(StrEnum):
    """What an experiment requires of a transport. `lab.load.requirements` checks it."""

    NOTHING = "nothing in particular"
    SERVER = "a server of its own"
    RELAY = "a TCP connection, which the relay carries"
    HTTP = "HTTP/1.1, which a proxy carries"
    HEARTBEAT = "a heartbeat on TCP"
    TUNED = "a tuned transport beside it"
    RAW_CLIENT = "a raw client that speaks it"
    COMPRESSION = "compression"
    KEPT_ROOMS = "a raw client that speaks it, and rooms that a journal can keep"
    NODES = "a raw client that speaks it, and nodes that can be joined"


class Experiment(msgspec.Struct, frozen=True):
    """One question about every transport: the benchmarks in `benchmarks/test_<name>.py`."""

    question: str
    once: bool = False
    """It is counted and not timed, or too long to repeat, so it has its own pass after the others.
    Bytes and times are never measured in the same pass."""
    repeats: bool = False
    """If only such experiments are requested, they run in all requested passes, so that there are
    intervals and ratios."""
    driven: bool = False
    """It uses the chosen driver. The others always use the same one."""
    requires: Requirement = Requirement.NOTHING
    """The transports on which it can run. A single benchmark of it may require more."""


STORM = "storm"
"""The experiment that has clients of a number of its own."""
PROXIES = "proxies"
"""The experiment that needs other people's programs."""
NODES = "nodes"
"""The experiment that runs several servers of each transport, joined by Redis."""
EXPERIMENTS = {
    "handshake": Experiment("What does it cost to connect and to join a room?"),
    "latency": Experiment("How long does one message take, when nothing else is in flight?"),
    "throughput": Experiment("How much does one delivery cost, when there are many?", driven=True),
    "cost": Experiment(
        "What causes the cost of a delivery: the network, the protocol or the library?",
        requires=Requirement.TUNED,
    ),
    "round_trips": Experiment(
        "How many round trips until a client has joined, by the clock and from the bytes?",
        once=True,
        requires=Requirement.RELAY,
    ),
    "bytes": Experiment(
        "What crosses the wire, byte by byte?", once=True, requires=Requirement.RELAY
    ),
    "load": Experiment(
        "Which rate does it hold in an open loop?",
        once=True,
        requires=Requirement.SERVER,
    ),
    "fan_out": Experiment(
        "What does a delivery cost in larger rooms?", once=True, repeats=True, driven=True
    ),
    "payload": Experiment("What does a delivery of a larger text cost?", once=True, driven=True),
    "memory": Experiment(
        "How much server memory does an idle connection need?",
        once=True,
        requires=Requirement.SERVER,
    ),
    "idle": Experiment(
        "What do a thousand idle connections cost?",
        once=True,
        requires=Requirement.HEARTBEAT,
    ),
    "compression": Experiment(
        "What does compression save and cost, by kind and size of the text?",
        once=True,
        repeats=True,
        requires=Requirement.COMPRESSION,
    ),
    "harness": Experiment(
        "What does measuring cost, and how fast can the raw driver send?",
        once=True,
        requires=Requirement.RAW_CLIENT,
    ),
    "durability": Experiment(
        "What does a journal cost that keeps each message?",
        once=True,
        repeats=True,
        requires=Requirement.KEPT_ROOMS,
    ),
    "loss": Experiment(
        "What does a lost packet delay?", once=True, repeats=True, requires=Requirement.SERVER
    ),
    STORM: Experiment(
        "How do its clients come back after a restart, by their back-off?",
        once=True,
        repeats=True,
        requires=Requirement.RELAY,
    ),
    PROXIES: Experiment(
        "What do nginx, HAProxy and Caddy add, and what do they cut?",
        once=True,
        repeats=True,
        requires=Requirement.HTTP,
    ),
    NODES: Experiment(
        "What does a delivery cost on several joined nodes, and what does the backplane add?",
        once=True,
        repeats=True,
        requires=Requirement.NODES,
    ),
}
"""Name -> experiment, in the order of the report."""

ASKED_FOR = ("cost", "compression", "harness", "durability", "loss", STORM, PROXIES, NODES)
"""The experiments that no profile runs by default. They have their own transports or labels, need
the right to open a link or other programs, or kill their servers."""


class OpenLoopSizes(msgspec.Struct, frozen=True):
    """The load of the open loop, and the precision of the search for the knee.

    A room has one member, which speaks. So the client does the least work for the load that it puts
    on the server.
    """

    step_s: float
    modest_s: float
    tolerance: float
    floor_per_s: float
    start_per_s: float = 400
    modest_per_s: float = 200
    rooms: int = 10
    members_per_room: int = 1
    arrivals: Arrivals = "poisson"


class CostSizes(msgspec.Struct, frozen=True):
    """The sizes of rooms and texts, and the numbers of idle connections."""

    rooms: dict[int, int]
    """Room size -> messages in each round, one in flight."""
    payloads: dict[int, int]
    """Size of the text in bytes -> messages in each round, in a room of `payload_room`."""
    memory_connections: int
    memory_joins: bool
    """Whether memory is read a second time, after every connection has joined a room."""
    idle_connections: int = 1000
    opening_s: float = 90
    """After this time, the connections that are open are measured."""
    payload_room: int = 10
    payload_window: int = 4
    """Messages in flight. This many of the largest texts still fit into an HTTP body that a server
    takes."""
    large_room_rounds: int = 3
    """Rounds of a window of messages."""
    windows: int = 10
    """How many windows of messages are sent in each round, except in rooms that throughput leaves
    out."""


class ApartSizes(msgspec.Struct, frozen=True):
    """The workload by which a delivery's cost is divided."""

    messages: dict[int, int]
    """Messages in flight -> messages in each round."""
    room: int = 100


class CompressionSizes(msgspec.Struct, frozen=True):
    """The workload of the experiment compression. `tapped`: messages of which bytes are counted."""

    messages: dict[int, int]
    """Size of the text in bytes -> messages in each round, with one in flight."""
    room: int = 4
    tapped: int = 6
    connections: int = 100


class StormSizes(msgspec.Struct, frozen=True):
    """The clients that come back after a restart, the members of a room, and the time for all."""

    clients: int = 200
    room: int = 10
    patience_s: float = 45


class ProxySizes(msgspec.Struct, frozen=True):
    """Round trips by each path, in turn `batch` of them."""

    round_trips: int = 300
    batch: int = 20


class NodeSizes(msgspec.Struct, frozen=True):
    """The workload of several nodes. `spread`: small rooms of `members`, for wasted reads."""

    messages: dict[int, int]
    """Room size -> messages in each round, a window of them in flight."""
    latencies: int = 200
    """Messages of which the time to the other node is taken, one in flight."""
    foreign: int = 400
    """Messages to a room of which one node has no member."""
    spread: int = 12
    members: int = 3
    each: int = 10
    """Messages to each of these rooms."""


class HarnessSizes(msgspec.Struct, frozen=True):
    """The workload of the lab's own tools, and the precision of the search for their limit."""

    messages: int
    """`room`: members for the drivers. `relayed_room`: members behind the relay."""
    step_s: float
    """How long each rate is offered."""
    tolerance: float
    room: int = 100
    relayed_room: int = 10
    floor_per_s: float = 10
    ceiling_per_s: float = 20_000


class Profile(msgspec.Struct, frozen=True):
    """The sizes of one pass over one transport, and the number of passes."""

    passes: int
    handshakes: int
    round_trips: int
    room_messages: int
    fan_out_messages: dict[int, int]
    """Room size -> messages in each round."""
    experiments: tuple[str, ...]
    """The experiments that run by default."""
    transports: tuple[str, ...]
    """The groups of transports that they measure by default."""
    rtts_ms: tuple[int, ...]
    """Emulated round-trip times."""
    handshakes_per_rtt: int
    rounds: int
    """Measured rounds of every benchmark, after one that is not measured."""
    open_loop: OpenLoopSizes
    cost: CostSizes
    apart: ApartSizes
    harness: HarnessSizes
    over_tls: tuple[str, ...] = ()
    """The experiments that also run over TLS by default, on the transports of `core`."""
    compression: CompressionSizes = CompressionSizes({64: 30, 1024: 20, 65536: 4})
    storm: StormSizes = StormSizes()
    proxies: ProxySizes = ProxySizes()
    nodes: NodeSizes = NodeSizes({10: 320, 100: 96})
    window: int = 16
    """Messages in flight when throughput is measured."""
    payload_bytes: int = 64
    """Size of every text in bytes."""
    heartbeats: bool = True
    """Whether the experiment bytes waits until it has seen a heartbeat."""


PROFILES = {
    "quick": Profile(
        passes=5,
        handshakes=6,
        round_trips=40,
        room_messages=16,
        fan_out_messages={10: 120, 100: 48},
        experiments=("handshake", "latency", "throughput", "round_trips", "bytes"),
        transports=("core", "node"),
        rtts_ms=(0, 50),
        handshakes_per_rtt=3,
        rounds=2,
        open_loop=OpenLoopSizes(step_s=1, modest_s=2, tolerance=0.25, floor_per_s=100),
        cost=CostSizes(
            rooms={10: 50, 100: 50},
            payloads={16: 40, 256: 40, 4096: 20, 65536: 8},
            memory_connections=1000,
            memory_joins=False,
        ),
        apart=ApartSizes(messages={1: 40, 16: 160}),
        harness=HarnessSizes(messages=160, step_s=0.5, tolerance=0.25),
        heartbeats=False,
    ),
    "full": Profile(
        passes=6,
        handshakes=20,
        round_trips=200,
        room_messages=100,
        fan_out_messages={10: 800, 100: 128},
        experiments=tuple(name for name in EXPERIMENTS if name not in ASKED_FOR),
        transports=("core",),
        rtts_ms=(0, 20, 50, 100),
        handshakes_per_rtt=5,
        rounds=8,
        open_loop=OpenLoopSizes(step_s=2.5, modest_s=6, tolerance=0.1, floor_per_s=50),
        cost=CostSizes(
            rooms={10: 50, 100: 25, 1000: 13},
            payloads={16: 200, 256: 200, 4096: 100, 65536: 40},
            memory_connections=10_000,
            memory_joins=True,
        ),
        apart=ApartSizes(messages={1: 100, 16: 320}),
        harness=HarnessSizes(messages=400, step_s=1.5, tolerance=0.1),
        over_tls=("handshake", "latency", "throughput", "round_trips", "bytes"),
    ),
}
"""Name -> profile."""


def steps(experiments: tuple[str, ...], passes: int) -> list[tuple[str, ...]]:
    """The experiments of each pass: the timed ones `passes` times, the others once.

    Each of the others has its own pass. So a void pass affects only one experiment, and an
    interrupted run loses at most one. If only repeatable ones are requested, they run `passes`
    times.
    """
    if repeat(experiments):
        return [experiments] * passes
    timed = tuple(name for name in experiments if not EXPERIMENTS[name].once)
    once = [(name,) for name in experiments if EXPERIMENTS[name].once]
    return ([timed] * passes if timed else []) + once


def repeat(experiments: tuple[str, ...]) -> bool:
    """Whether these run in several passes. Beside timed experiments each runs only once."""
    return bool(experiments) and all(EXPERIMENTS[name].repeats for name in experiments)
