"""The figures as data: between a benchmark's raw counts and every table, plot and comparison.

A new figure is one more entry in `FIGURES`; nothing else names them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from lab.measure import histogram
from lab.measure.process import Side

Measure = Literal["connect", "join", "rtt", "last_delivery", "fan_out"]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark counted: its `extra_info`, whose schema results/README.md documents.

    `samples_hdr` holds one duration in ns per operation. Shares are of one core. A measure that no
    figure covers is kept in the record and not shown.
    """

    wire: str
    experiment: str
    measure: str
    room_size: int | None = None
    window: int | None = None
    payload_bytes: int | None = None
    operations: int
    samples_hdr: str | None = None
    expected: int
    delivered: int
    lost: int
    wall_ns: int
    server_cpu_ns: int | None = None
    load_cpu_ns: int
    server_share: float | None = None
    load_share: float
    saturated: Side
    client: str = "library"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number per wire and pass.

    `extract` gives it from the counts, in `unit`, or None where this wire has none (a wire without
    a server process has no server CPU). `load_bound` says that a saturated load makes it the load's
    figure and not the server's.
    """

    key: str
    title: str
    unit: str
    experiment: str
    measure: Measure
    extract: Callable[[Counts], float | None]
    room_size: int | None = None
    lower_is_better: bool = True
    load_bound: bool = False

    def covers(self, counts: Counts) -> bool:
        """Whether this figure is taken from these counts."""
        return counts.measure == self.measure and self.room_size in (None, counts.room_size)


def _percentile(percentile: float, ns_per_unit: float) -> Callable[[Counts], float | None]:
    def extract(counts: Counts) -> float | None:
        samples = histogram.decode(counts.samples_hdr) if counts.samples_hdr else None
        if samples is None or not samples.count:
            return None
        return samples.percentile_ns(percentile) / ns_per_unit

    return extract


def _server_cpu(ns_per_unit: float) -> Callable[[Counts], float | None]:
    return lambda counts: _per(counts.server_cpu_ns, _work(counts) * ns_per_unit)


def _load_cpu(ns_per_unit: float) -> Callable[[Counts], float | None]:
    return lambda counts: _per(counts.load_cpu_ns, _work(counts) * ns_per_unit)


def _work(counts: Counts) -> int:
    """What CPU is divided by: deliveries where there are some, else operations (connections)."""
    return counts.delivered if counts.measure == "fan_out" else counts.operations


def _per(amount: float | None, by: float) -> float | None:
    """A share of nothing isn't zero, it is no figure."""
    return amount / by if amount is not None and by > 0 else None


def _deliveries_per_s(counts: Counts) -> float | None:
    return _per(counts.delivered * 1e9, counts.wall_ns)


def _fan_out(room: int) -> tuple[Figure, ...]:
    return (
        Figure(
            f"deliveries_per_s_{room}",
            f"deliveries, room of {room}",
            "/s",
            "throughput",
            "fan_out",
            _deliveries_per_s,
            room_size=room,
            lower_is_better=False,
            load_bound=True,
        ),
        Figure(
            f"server_cpu_us_per_delivery_{room}",
            f"server CPU per delivery, room of {room}",
            "µs",
            "throughput",
            "fan_out",
            _server_cpu(1e3),
            room_size=room,
        ),
        Figure(
            f"load_cpu_us_per_delivery_{room}",
            f"client CPU per delivery, room of {room}",
            "µs",
            "throughput",
            "fan_out",
            _load_cpu(1e3),
            room_size=room,
        ),
    )


FIGURES: tuple[Figure, ...] = (
    Figure("connect_p50_ms", "connect, p50", "ms", "handshake", "connect", _percentile(50, 1e6)),
    Figure("join_p50_ms", "time to join, p50", "ms", "handshake", "join", _percentile(50, 1e6)),
    Figure(
        "connect_server_cpu_ms",
        "server CPU per connect",
        "ms",
        "handshake",
        "connect",
        _server_cpu(1e6),
    ),
    Figure("rtt_p50_us", "RTT, p50", "µs", "latency", "rtt", _percentile(50, 1e3)),
    Figure("rtt_p99_us", "RTT, p99", "µs", "latency", "rtt", _percentile(99, 1e3)),
    Figure(
        "last_of_10_p50_us",
        "until the last of 10 has it, p50",
        "µs",
        "latency",
        "last_delivery",
        _percentile(50, 1e3),
        room_size=10,
    ),
    *_fan_out(10),
    *_fan_out(100),
)

BY_KEY = {figure.key: figure for figure in FIGURES}
