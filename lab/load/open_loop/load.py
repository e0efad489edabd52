"""The offered load of an open loop, and the records of its result.

`Load` says what to send. `OpenLoop` says what was sent, and whether the driver or the server was
the limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np

from lab.load.open_loop import schedule
from lab.load.open_loop.schedule import SECOND_NS, Slot
from lab.measure import histogram
from lab.measure.histogram import Histogram
from lab.measure.process import CpuUse

Verdict = Literal["held", "lost", "overloaded", "load-bound"]

TAG_CHARS = 8
"""Each text begins with its message's number, by which a delivery finds its message."""
LATE_NS = 10_000_000
"""A driver whose sends are later than this at p99 did not offer the rate: it is load-bound. The
value is ten times the resolution of asyncio's clock (about 1 ms), and a fifth of the usual latency
bound."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """The offered load: `rate_per_s` messages in all, for `duration_s`, dealt round robin.

    `senders` of the `rooms * members_per_room` connections speak. With `most_in_flight` unfinished
    messages the run ends as overloaded. After the last send, missing deliveries are awaited for
    `drain_s`. `room` names the rooms (`room 0`, ...). No other members may be in them. Each run
    needs new rooms, because a server may notice departures late.

    Raises ValueError, with the allowed values, for an impossible load.
    """

    rate_per_s: float
    duration_s: float
    senders: int = 1
    rooms: int = 1
    members_per_room: int = 1
    arrivals: schedule.Arrivals = "constant"
    seed: int = 0
    payload_bytes: int = 64
    room: str = "open loop"
    most_in_flight: int = 10_000
    drain_s: float = 5.0

    def __post_init__(self) -> None:
        schedule.check(self.arrivals, self.rate_per_s, self.duration_s)
        schedule.deal((), self.senders, self.rooms)
        _at_least("members_per_room", self.members_per_room, 1)
        _at_least("payload_bytes", self.payload_bytes, TAG_CHARS)
        _at_least("most_in_flight", self.most_in_flight, 1)
        if self.senders > self.rooms * self.members_per_room:
            raise ValueError(
                f"senders must be at most rooms * members_per_room, who speaks is a member: "
                f"{self.rooms * self.members_per_room}, not {self.senders}"
            )
        if not 0 < self.drain_s <= schedule.LONGEST_S:
            raise ValueError(
                f"drain_s must be more than 0 and at most {schedule.LONGEST_S:,}, "
                f"not {self.drain_s}"
            )

    def slots(self) -> Iterator[Slot]:
        """Which sender sends when."""
        due = schedule.intended(self.arrivals, self.rate_per_s, self.duration_s, self.seed)
        return schedule.deal(due, self.senders, self.rooms)


class Latency(msgspec.Struct, frozen=True):
    """One run's latencies, measured in three ways. None has messages that were lost.

    `corrected`: from the intended send. This is the latency. `from_send`: from the actual send. It
    is smaller than `corrected` only by the driver's own lateness. `uncorrected`: what a closed loop
    would have reported for the same run: the service time of only those messages that were due
    while their sender had none in flight. A sender that waits does not make the other sends, and
    omits their samples.
    """

    corrected: Histogram
    from_send: Histogram
    uncorrected: Histogram


class OpenLoop(msgspec.Struct, frozen=True):
    """The result of a `Load`.

    `offering_ns`: how long it was offered. `elapsed_ns`: until the last message was complete, at
    least `offering_ns`. `completed`: messages with a reply and all deliveries. `delivery`: until
    the last member of the room had it. `late`: actual minus intended send, the driver's share of
    `corrected`. `closed`: why connections ended during the run.
    """

    load: Load
    offering_ns: int
    elapsed_ns: int
    sent: int
    completed: int
    replies_lost: int
    deliveries_lost: int
    out_of_order: int
    overloaded: bool
    closed: list[str]
    late: Histogram
    reply: Latency
    delivery: Latency
    cpu: CpuUse | None = None

    @property
    def achieved_per_s(self) -> float:
        """Messages sent per second while the load was offered."""
        return self.sent * SECOND_NS / self.offering_ns

    @property
    def goodput_per_s(self) -> float:
        """Messages completed per second, until the last one was complete."""
        return self.completed * SECOND_NS / self.elapsed_ns

    @property
    def lost(self) -> int:
        """Replies and deliveries that never arrived."""
        return self.replies_lost + self.deliveries_lost

    @property
    def late_p99_ns(self) -> int:
        """How late the driver itself was; 0 if nothing was due."""
        return self.late.percentile_ns(99) if self.late.count else 0

    @property
    def load_bound(self) -> bool:
        """Whether the driver failed to offer the rate. Then the figures are not the server's.

        It sent late, or it sent fewer messages than the chance of Poisson arrivals explains.
        """
        due = self.load.rate_per_s * min(self.offering_ns / SECOND_NS, self.load.duration_s)
        return self.late_p99_ns > LATE_NS or self.sent < 0.95 * due - 5 * math.sqrt(due)

    @property
    def verdict(self) -> Verdict:
        """The first of these that applies: load-bound, overloaded, lost, held."""
        if self.load_bound:
            return "load-bound"
        if self.overloaded:
            return "overloaded"
        return "lost" if self.lost or self.out_of_order else "held"

    @property
    def why(self) -> str:
        """The verdict as a sentence, with its figures."""
        match self.verdict:
            case "load-bound":
                return (
                    f"the load could not offer {self.load.rate_per_s:g}/s: it sent "
                    f"{self.achieved_per_s:.0f}/s, {self.late_p99_ns / 1e6:.1f} ms late at p99"
                )
            case "overloaded":
                return f"{self.load.most_in_flight} messages were in flight: no more were sent"
            case "lost":
                return (
                    f"{self.replies_lost} replies, {self.deliveries_lost} deliveries never came; "
                    f"{self.out_of_order} came out of order"
                )
        return f"{self.sent} messages sent when due, all answered and delivered"


def told(
    due_ns: Sequence[int], sent_ns: Sequence[int], done_ns: Sequence[int], senders: int
) -> Latency:
    """The latencies of messages dealt round robin to `senders`. `done_ns` 0: never complete."""
    due, sent, done = (np.array(each, dtype=np.int64) for each in (due_ns, sent_ns, done_ns))
    came = done > 0
    kept = np.array(of_one_who_waits(due_ns, done_ns, senders), dtype=np.int64)
    return Latency(
        corrected=histogram.from_samples((done - due)[came]),
        from_send=histogram.from_samples((done - sent)[came]),
        uncorrected=histogram.from_samples((done - sent)[kept]),
    )


def of_one_who_waits(due_ns: Sequence[int], done_ns: Sequence[int], senders: int) -> list[int]:
    """The messages that a waiting sender would have sent, skipping those due while it waits.

    By number, without lost messages. Message `n` belongs to sender `n % senders`.
    """
    free_ns = [0] * senders
    kept = []
    for number, (due, done) in enumerate(zip(due_ns, done_ns, strict=True)):
        if done and due >= free_ns[number % senders]:
            free_ns[number % senders] = done
            kept.append(number)
    return kept


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
