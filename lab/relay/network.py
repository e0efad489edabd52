"""What a network does to bytes, as settings and arithmetic. No clock, no I/O.

`Network` holds the settings. `OneWayPath` computes when the bytes of one direction of one
connection arrive. The caller says what time it is, so tests can use a clock made of integers.
"""

from __future__ import annotations

__pure__ = True

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lab.relay.units import format_duration

Jitter = Literal["uniform", "normal"]

SECOND_NS = 1_000_000_000
LONGEST_DELAY_NS = 3600 * SECOND_NS
SEGMENT_BYTES = 1460
"""What one TCP segment carries on Ethernet (RFC 9293 3.7.1: MTU 1500 less 40 bytes of headers)."""


@dataclass(frozen=True, slots=True)
class Network:
    """The network between a client and its target; the same in both directions.

    `delay_ns` is ONE-WAY: the round trip grows by twice as much. `jitter_ns` varies each delay: by
    a uniform amount within +-jitter, or normally with that standard deviation (never below zero).
    Bytes are never reordered, because TCP does not: a late byte makes the following ones wait.
    `bandwidth_bytes_per_s` is per direction and per connection; None is unlimited. Equal `seed`s
    give equal jitter.

    Raises ValueError, with what is allowed, for settings that no network can have.
    """

    delay_ns: int = 0
    jitter_ns: int = 0
    bandwidth_bytes_per_s: float | None = None
    jitter: Jitter = "uniform"
    seed: int = 0

    def __post_init__(self) -> None:
        _check_duration("delay_ns", self.delay_ns)
        _check_duration("jitter_ns", self.jitter_ns)
        if self.jitter_ns > self.delay_ns:
            raise ValueError(
                f"the jitter ({format_duration(self.jitter_ns)}) must not exceed the delay "
                f"({format_duration(self.delay_ns)}): bytes can't arrive before they are sent"
            )
        if self.jitter not in ("uniform", "normal"):
            raise ValueError(f"jitter must be 'uniform' or 'normal', not {self.jitter!r}")
        _check_bandwidth(self.bandwidth_bytes_per_s)

    @property
    def rtt_ns(self) -> int:
        """What this network adds to every round trip: twice the one-way delay."""
        return 2 * self.delay_ns

    @property
    def instant(self) -> bool:
        """Whether bytes pass at once: no delay and no limit."""
        return self.delay_ns == 0 and self.bandwidth_bytes_per_s is None

    def transmission_ns(self, size_bytes: int) -> int:
        """How long `size_bytes` keep the transmitter busy; rounded up, so never too fast."""
        if self.bandwidth_bytes_per_s is None:
            return 0
        return math.ceil(size_bytes * SECOND_NS / self.bandwidth_bytes_per_s)

    def slice_bytes(self) -> int | None:
        """The size of the pieces that a limited path carries: a segment, or 1 ms worth if more.

        None where there is no limit. Without slices, 64 KiB at 1 Mbit/s would arrive all at once,
        half a second late; on a real path the bytes arrive one after the other.
        """
        if self.bandwidth_bytes_per_s is None:
            return None
        return max(SEGMENT_BYTES, int(self.bandwidth_bytes_per_s // 1000))

    def slices(self, data: bytes) -> Iterator[bytes]:
        """Cut `data` into the pieces that travel one after the other."""
        step = self.slice_bytes() or max(len(data), 1)
        return (data[start : start + step] for start in range(0, len(data), step))


def _check_duration(name: str, value: object) -> None:
    valid = isinstance(value, int | float) and math.isfinite(value)
    if not valid or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"{name} must be a whole number of nanoseconds, not {value!r}")
    if not 0 <= value <= LONGEST_DELAY_NS:  # type: ignore[operator]  # is a number: checked above
        raise ValueError(f"{name} must be from 0 to {LONGEST_DELAY_NS} (one hour), not {value!r}")


def _check_bandwidth(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 1:
        raise ValueError(
            "the bandwidth must be at least 1 byte per second and finite "
            f"(no limit is None), not {value!r}"
        )


class Passage(NamedTuple):
    """When a piece has left the sender (`sent_ns`) and when it arrives (`due_ns`)."""

    sent_ns: int
    due_ns: int


class OneWayPath:
    """One direction of one connection: a transmitter that is free or busy, then a delay.

    A piece leaves once the transmitter is free and occupies it for size / bandwidth. It arrives a
    delay later, and never before the piece ahead of it.
    """

    def __init__(self, network: Network, name: str = "", opens_ns: int = 0) -> None:
        self.network = network
        self.opens_ns = opens_ns
        """Nothing leaves before this instant: the TCP handshake is still under way."""
        self._free_ns = 0
        self._latest_due_ns = 0
        self._random = random.Random(f"{network.seed} {name}")

    def send(self, now_ns: int, size_bytes: int) -> Passage:
        """Book a piece of `size_bytes` that is handed over at `now_ns`."""
        start_ns = max(now_ns, self._free_ns, self.opens_ns)
        self._free_ns = start_ns + self.network.transmission_ns(size_bytes)
        due_ns = self._free_ns + self._delay_ns()
        self._latest_due_ns = max(self._latest_due_ns, due_ns)
        return Passage(self._free_ns, self._latest_due_ns)

    def change(self, network: Network, now_ns: int, latest_due_ns: int) -> None:
        """Go on under other settings: what has left keeps its arrival (the latest is given).

        The caller sends again what has not left yet.
        """
        self.network = network
        self._free_ns = now_ns
        self._latest_due_ns = latest_due_ns

    def _delay_ns(self) -> int:
        network = self.network
        if not network.jitter_ns:
            return network.delay_ns
        if network.jitter == "uniform":
            shift = self._random.uniform(-network.jitter_ns, network.jitter_ns)
        else:
            shift = self._random.gauss(0.0, network.jitter_ns)
        return max(0, round(network.delay_ns + shift))
