"""What is measured and how much of it: the experiments, and the sizes of one pass. Pure."""

from __future__ import annotations

import msgspec


class Experiment(msgspec.Struct, frozen=True):
    """One question to every wire: the benchmarks in `benchmarks/test_<name>.py`."""

    question: str
    once: bool = False
    """Counted rather than timed, or too long to repeat: it has a pass of its own, after the rest.
    Bytes and times are never taken in the same pass."""


EXPERIMENTS = {
    "handshake": Experiment("What does it cost to get in?"),
    "latency": Experiment("How long does one message take, when nothing else is in flight?"),
    "throughput": Experiment("How much does one delivery cost, when there are many?"),
    "round_trips": Experiment("How many round trips until one is in, counted twice?", once=True),
    "bytes": Experiment("What crosses the wire, byte by byte?", once=True),
}
"""Name -> experiment, in the order in which they are reported."""


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
    window: int = 16
    """Messages in flight when throughput is measured."""
    payload_bytes: int = 64
    """Size of every text."""


PROFILES = {
    "quick": Profile(
        passes=5,
        handshakes=8,
        round_trips=60,
        room_messages=30,
        fan_out_messages={10: 150, 100: 24},
        experiments=("handshake", "latency", "throughput", "round_trips", "bytes"),
        rtts_ms=(0, 20, 50),
        handshakes_per_rtt=2,
        rounds=4,
    ),
    "full": Profile(
        passes=10,
        handshakes=20,
        round_trips=200,
        room_messages=100,
        fan_out_messages={10: 400, 100: 60},
        experiments=tuple(EXPERIMENTS),
        rtts_ms=(0, 20, 50, 100),
        handshakes_per_rtt=5,
        rounds=8,
    ),
}
"""Name -> profile."""


def steps(experiments: tuple[str, ...], passes: int) -> list[tuple[str, ...]]:
    """What each pass of a run measures: the timed experiments `passes` times, the others once."""
    timed = tuple(name for name in experiments if not EXPERIMENTS[name].once)
    once = tuple(name for name in experiments if EXPERIMENTS[name].once)
    return ([timed] * passes if timed else []) + ([once] if once else [])
