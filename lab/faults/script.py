"""What may happen in a run, how often, and for how long."""

from __future__ import annotations

from typing import Literal

import msgspec

Fault = Literal[
    "cut",
    "cut all",
    "stall",
    "pause",
    "kill",
    "clock",
    "full disk",
    "stop",
    "cut off",
    "kill Redis",
    "full memory",
]
WEIGHTS: dict[Fault, float] = {
    "cut": 70,
    "cut all": 8,
    "stall": 12,
    "pause": 6,
    "kill": 4,
    "clock": 6,
    "full disk": 6,
    "stop": 4,
    "cut off": 6,
    "kill Redis": 3,
    "full memory": 6,
}
"""How often each fault happens. A killed server takes most of a second to come back."""
ALWAYS: tuple[Fault, ...] = ("cut", "cut all", "stall", "pause", "kill")
"""What can be done to each server: the others need one that was prepared for it."""
ON_NODES: tuple[Fault, ...] = (*ALWAYS, "clock", "stop", "cut off", "kill Redis", "full memory")
"""What can be done to nodes that Redis joins."""
CLOCK_MS = 2 * 3600 * 1000
"""The most that a clock is wrong, in either direction."""
FULL_S = (0.02, 0.5)
"""The least and the most that a disk or a memory is full."""
KILLED_WHEN_FULL = 0.3
"""How often what keeps the rooms is killed while its disk is full."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What happens. The same seed decides the same things, but not at the same instants.

    It ends after `seconds`, or after `cuts` cut connections. `every_s`: the mean time between two
    faults. `durable`: the rooms outlive their server. `nodes`: how many servers have these rooms.
    """

    seconds: float
    seed: int
    clients: int = 4
    cuts: int | None = None
    every_s: float = 0.15
    kinds: tuple[Fault, ...] = ALWAYS
    durable: bool = False
    nodes: int = 1
    read_s: float = 60
    """How long the departures of all clients may take at the end."""
