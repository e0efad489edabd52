"""What is measured and how much of it: the experiments, and the sizes of one pass. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from lab.load.schedule import Arrivals

Driver = Literal["library", "raw"]
"""Who asks: the wire's library client, as an application has it, or one that does next to nothing.
They answer different questions, and no column holds both."""

Client = Literal["python", "browser"]
"""Where that is: in Python, by one of the drivers, or in a page of a browser, by its own means."""

Asker = Literal["library", "raw", "browser"]
"""Who asked, as a record has it."""

BROWSER_EXPERIMENTS = ("handshake", "latency", "throughput")
"""Those that a browser can be asked to do, too; `benchmarks/browser/` has them."""


class Experiment(msgspec.Struct, frozen=True):
    """One question to every wire: the benchmarks in `benchmarks/test_<name>.py`."""

    question: str
    once: bool = False
    """Counted rather than timed, or too long to repeat: it has a pass of its own, after the rest.
    Bytes and times are never taken in the same pass."""
    repeats: bool = False
    """Where nothing but such experiments is asked for, they are taken in as many passes as asked,
    so that there are intervals and ratios."""
    driven: bool = False
    """The driver that was chosen asks. In the others it is always the same one."""


EXPERIMENTS = {
    "handshake": Experiment("What does it cost to get in?"),
    "latency": Experiment("How long does one message take, when nothing else is in flight?"),
    "throughput": Experiment("How much does one delivery cost, when there are many?", driven=True),
    "cost": Experiment("Whose is a delivery's cost: the network's, the protocol's, the library's?"),
    "round_trips": Experiment("How many round trips until one is in, counted twice?", once=True),
    "bytes": Experiment("What crosses the wire, byte by byte?", once=True),
    "load": Experiment("What rate does it hold, when nobody waits for an answer?", once=True),
    "fan_out": Experiment(
        "What does a delivery cost, the larger the room?", once=True, repeats=True, driven=True
    ),
    "payload": Experiment(
        "What does a delivery cost, the larger the text?", once=True, driven=True
    ),
    "memory": Experiment("What does a connection that does nothing weigh?", once=True),
    "idle": Experiment("What do a thousand connections cost that do nothing?", once=True),
    "harness": Experiment("What does whoever measures cost, and how fast can it ask?", once=True),
}
"""Name -> experiment, in the order in which they are reported."""

ASKED_FOR = ("cost", "harness")
"""Those that no profile runs by itself: they ask by the raw driver, and bring their own wires."""


class OpenLoopSizes(msgspec.Struct, frozen=True):
    """What is offered in an open loop, and how closely the knee is looked for.

    Rooms with one speaker and nobody else: there the client has the least to do for what it asks of
    the server.
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
    """How large rooms and texts get, and how many connections idle."""

    rooms: dict[int, int]
    """Room size -> messages in each round, one in flight."""
    payloads: dict[int, int]
    """Size of the text in bytes -> messages in each round, in a room of `payload_room`."""
    memory_connections: int
    memory_joins: bool
    """Whether memory is read a second time, with every connection in a room."""
    idle_connections: int = 1000
    opening_s: float = 90
    """With so much time gone, what is open is what is measured."""
    payload_room: int = 10
    payload_window: int = 4
    """Messages in flight: of the largest texts, so many are an HTTP body that a server takes."""
    large_room_rounds: int = 3
    """Rounds of a window of messages."""
    windows: int = 10
    """How often the window is filled in each, but for rooms that throughput leaves out."""


class ApartSizes(msgspec.Struct, frozen=True):
    """How much is said where a cost is taken apart, and to how many."""

    messages: dict[int, int]
    """Messages in flight -> messages in each round."""
    room: int = 100


class HarnessSizes(msgspec.Struct, frozen=True):
    """How much is said to weigh what measures, and how closely its own limit is looked for."""

    messages: int
    """In a room of `room` for the drivers, of `relayed_room` behind the relay; and samples kept."""
    step_s: float
    """How long each rate is offered."""
    tolerance: float
    room: int = 100
    relayed_room: int = 10
    floor_per_s: float = 10
    ceiling_per_s: float = 20_000


class Profile(msgspec.Struct, frozen=True):
    """The sizes of one pass over one wire, and how many passes there are."""

    passes: int
    handshakes: int
    round_trips: int
    room_messages: int
    fan_out_messages: dict[int, int]
    """Room size -> messages in each round."""
    experiments: tuple[str, ...]
    """Those that are run unless others are asked for."""
    rtts_ms: tuple[int, ...]
    """Emulated round-trip times."""
    handshakes_per_rtt: int
    rounds: int
    """Rounds of every benchmark that are measured, after one that is not."""
    open_loop: OpenLoopSizes
    cost: CostSizes
    apart: ApartSizes
    harness: HarnessSizes
    window: int = 16
    """Messages in flight when throughput is measured."""
    payload_bytes: int = 64
    """Size of every text."""


PROFILES = {
    "quick": Profile(
        passes=5,
        handshakes=6,
        round_trips=50,
        room_messages=16,
        fan_out_messages={10: 320, 100: 64},
        experiments=("handshake", "latency", "throughput", "round_trips", "bytes", "memory"),
        rtts_ms=(0, 20, 50),
        handshakes_per_rtt=3,
        rounds=3,
        open_loop=OpenLoopSizes(step_s=1, modest_s=2, tolerance=0.25, floor_per_s=100),
        cost=CostSizes(
            rooms={10: 40, 100: 34},
            payloads={16: 40, 256: 40, 4096: 20, 65536: 8},
            memory_connections=1000,
            memory_joins=False,
        ),
        apart=ApartSizes(messages={1: 40, 16: 160}),
        harness=HarnessSizes(messages=160, step_s=0.5, tolerance=0.25),
    ),
    "full": Profile(
        passes=6,
        handshakes=20,
        round_trips=200,
        room_messages=100,
        fan_out_messages={10: 800, 100: 128},
        experiments=tuple(name for name in EXPERIMENTS if name not in ASKED_FOR),
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
    ),
}
"""Name -> profile."""


def steps(experiments: tuple[str, ...], passes: int) -> list[tuple[str, ...]]:
    """What each pass of a run measures: the timed experiments `passes` times, the others once.

    Each of the others has a pass to itself: what voids one costs no other, and a run that was
    interrupted loses no more than one. Those that repeat are taken `passes` times by themselves.
    """
    if repeat(experiments):
        return [experiments] * passes
    timed = tuple(name for name in experiments if not EXPERIMENTS[name].once)
    once = [(name,) for name in experiments if EXPERIMENTS[name].once]
    return ([timed] * passes if timed else []) + once


def repeat(experiments: tuple[str, ...]) -> bool:
    """Whether these are taken in several passes, though each is taken once beside others."""
    return bool(experiments) and all(EXPERIMENTS[name].repeats for name in experiments)
