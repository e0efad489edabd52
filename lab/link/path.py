"""The fate of each packet on a link: when it arrives, or why it never does. No clock, no I/O.

A `Path` is one direction. It draws the same random numbers for its n-th packet whatever the time
is, so equal packets have equal fates in each run. Only the queue depends on the time, because a
packet is dropped where too many others wait.
"""

from __future__ import annotations

__pure__ = True

import math
import random
from collections import deque
from typing import Literal, NamedTuple

import msgspec

from lab.relay.network import LONGEST_DELAY_NS, SECOND_NS
from lab.relay.units import format_bytes, format_duration

LEAST_LATE_NS = 1_000_000
"""A packet that others overtake is late by at least this."""

Reason = Literal["lost", "dropped"]
"""`lost`: on the way, by chance. `dropped`: the queue in front of the link was full."""


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one direction of a link does to packets.

    `loss` is a share, from 0 to 1. `burst` is the mean number of packets that are lost one after
    the other: None loses each packet independently, and a number follows Gilbert's model, the case
    of Gilbert-Elliott (1963) in which every packet is lost in the bad state and none in the good
    one. `reorder` is the share of packets that arrive late by half of the delay, at least 1 ms, so
    that others overtake them; no other packets change their order, however large the jitter.
    `jitter_ns` varies each delay evenly by that much at most. `queue_packets` and `queue_bytes`
    limit what waits for the transmitter: a packet that finds no room is dropped (drop-tail).

    Raises ValueError, with what is allowed, for conditions that no link can have.
    """

    delay_ns: int = 0
    jitter_ns: int = 0
    loss: float = 0.0
    burst: float | None = None
    reorder: float = 0.0
    rate_bytes_per_s: float | None = None
    queue_packets: int | None = None
    queue_bytes: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.delay_ns <= LONGEST_DELAY_NS:
            raise ValueError("the delay must be from 0 to one hour")
        if not 0 <= self.jitter_ns <= self.delay_ns:
            raise ValueError(
                f"the jitter ({format_duration(self.jitter_ns)}) must not exceed the delay "
                f"({format_duration(self.delay_ns)}): packets can't arrive before they are sent"
            )
        for name, share in (("loss", self.loss), ("reorder", self.reorder)):
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be from 0 to 1, such as 0.05 for 5 %, not {share:g}")
        self._check_burst()
        if self.rate_bytes_per_s is not None and not 1 <= self.rate_bytes_per_s < math.inf:
            raise ValueError("the rate must be at least 1 byte per second")
        for limit in (self.queue_packets, self.queue_bytes):
            if limit is not None and (limit < 1 or self.rate_bytes_per_s is None):
                raise ValueError("a queue must have room for 1, and only a rate fills one")

    def _check_burst(self) -> None:
        if self.burst is None:
            return
        # To leave the good state is as likely as this over `burst`: more than 1 is no probability.
        least = max(1.0, self.loss / (1 - self.loss)) if self.loss < 1 else math.inf
        if not least <= self.burst < math.inf:
            allowed = f"at least {least:.3g}" if least < math.inf else "left out"
            raise ValueError(f"with a loss of {self.loss:g}, the burst must be {allowed}")

    def shown(self) -> str:
        """The conditions in one line, as a table shows them."""
        parts = [f"delay {format_duration(self.delay_ns)}"]
        if self.jitter_ns:
            parts.append(f"jitter {format_duration(self.jitter_ns)}")
        if self.loss:
            bursts = "" if self.burst is None else f" in bursts of {self.burst:g}"
            parts.append(f"loss {100 * self.loss:g} %{bursts}")
        if self.reorder:
            parts.append(f"late {100 * self.reorder:g} %")
        if self.rate_bytes_per_s is not None:
            parts.append(f"{format_bytes(self.rate_bytes_per_s)}/s")
        if self.queue_packets is not None:
            parts.append(f"queue {self.queue_packets} packets")
        if self.queue_bytes is not None:
            parts.append(f"queue {format_bytes(self.queue_bytes)}")
        return ", ".join(parts)


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link's conditions in both directions: `up` leads from the client to the server.

    Equal `seed`s give equal fates; each direction draws its own.
    """

    up: Conditions = Conditions()
    down: Conditions = Conditions()
    seed: int = 0

    @property
    def rtt_ns(self) -> int:
        """What the delays add to each round trip."""
        return self.up.delay_ns + self.down.delay_ns

    def shown(self) -> str:
        """Both directions in one line."""
        if self.up == self.down:
            return f"{self.up.shown()}, each way"
        return f"up: {self.up.shown()}; down: {self.down.shown()}"


class Fate(NamedTuple):
    """When a packet arrives; or `due_ns` is None, and `reason` says why."""

    due_ns: int | None
    reason: Reason | None = None


class Path:
    """One direction: a queue, a transmitter that is free or busy, chance, then a delay."""

    def __init__(self, conditions: Conditions, seed: int, name: str) -> None:
        self.conditions = conditions
        self._random = random.Random(f"{seed} {name}")
        self._bad = False
        self._free_ns = self._latest_due_ns = 0
        self._waiting: deque[tuple[int, int]] = deque()
        self._waiting_bytes = 0
        self._wanted_bytes: int | None = None

    def lose_next(self, at_least_bytes: int) -> None:
        """Lose the next packet of this size or more, and no other one because of this call."""
        self._wanted_bytes = at_least_bytes

    def send(self, now_ns: int, size_bytes: int) -> Fate:
        """Decide on the packet that is handed over at `now_ns`. Times never go back."""
        lost, late, delay_ns = self._chance()
        if self._full(now_ns, size_bytes):
            return Fate(None, "dropped")
        left_ns = self._transmit(now_ns, size_bytes)
        if self._is_wanted(size_bytes) or lost:
            return Fate(None, "lost")
        if late:
            return Fate(left_ns + delay_ns + max(delay_ns // 2, LEAST_LATE_NS))
        self._latest_due_ns = max(self._latest_due_ns, left_ns + delay_ns)
        return Fate(self._latest_due_ns)

    def _chance(self) -> tuple[bool, bool, int]:
        """Whether a packet is lost, whether it is late, and its delay: three draws for each."""
        conditions, draw = self.conditions, self._random.random
        self._bad = draw() < self._probability_of_loss()
        late = draw() < conditions.reorder
        shift = round((2 * draw() - 1) * conditions.jitter_ns)
        return self._bad, late, conditions.delay_ns + shift

    def _probability_of_loss(self) -> float:
        """By Gilbert's model: the bad state lasts `burst` packets, and holds `loss` of them."""
        loss, burst = self.conditions.loss, self.conditions.burst
        if burst is None:
            return loss
        return 1 - 1 / burst if self._bad else loss / (1 - loss) / burst

    def _full(self, now_ns: int, size_bytes: int) -> bool:
        while self._waiting and self._waiting[0][0] <= now_ns:
            self._waiting_bytes -= self._waiting.popleft()[1]
        packets, most_bytes = self.conditions.queue_packets, self.conditions.queue_bytes
        if packets is not None and len(self._waiting) >= packets:
            return True
        # An empty queue takes any packet, else a large one could never pass.
        over = most_bytes is not None and self._waiting_bytes + size_bytes > most_bytes
        return over and bool(self._waiting)

    def _transmit(self, now_ns: int, size_bytes: int) -> int:
        """When the packet has left: the transmitter sends one after the other."""
        rate = self.conditions.rate_bytes_per_s
        if rate is None:
            return now_ns
        start_ns = max(now_ns, self._free_ns)
        self._free_ns = start_ns + math.ceil(size_bytes * SECOND_NS / rate)
        self._waiting.append((self._free_ns, size_bytes))
        self._waiting_bytes += size_bytes
        return self._free_ns

    def _is_wanted(self, size_bytes: int) -> bool:
        if self._wanted_bytes is None or size_bytes < self._wanted_bytes:
            return False
        self._wanted_bytes = None
        return True
