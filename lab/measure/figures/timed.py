"""The figures of handshake, latency and throughput, timed in each pass."""

from __future__ import annotations

from lab.measure.figures.extract import (
    cpu_ms_per_operation,
    cpu_us_per_delivery,
    deliveries_per_s,
    load_cpu_us_per_delivery,
    percentile,
)
from lab.measure.figures.figure import Figure


def _fan_out(room: int) -> tuple[Figure, ...]:
    return (
        Figure(
            f"deliveries_per_s_{room}",
            f"deliveries, room of {room}",
            "/s",
            "throughput",
            "fan_out",
            deliveries_per_s,
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
            cpu_us_per_delivery,
            room_size=room,
            limit="gathered",
        ),
        Figure(
            f"load_cpu_us_per_delivery_{room}",
            f"client CPU per delivery, room of {room}",
            "µs",
            "throughput",
            "fan_out",
            load_cpu_us_per_delivery,
            room_size=room,
            of_client=True,
        ),
    )


TIMED: tuple[Figure, ...] = (
    Figure("connect_p50_ms", "connect, p50", "ms", "handshake", "connect", percentile(50, 1e6)),
    Figure("join_p50_ms", "time to join, p50", "ms", "handshake", "join", percentile(50, 1e6)),
    Figure(
        "connect_server_cpu_ms",
        "server CPU per connect",
        "ms",
        "handshake",
        "connect",
        cpu_ms_per_operation,
    ),
    Figure("rtt_p50_us", "RTT, p50", "µs", "latency", "rtt", percentile(50, 1e3)),
    Figure("rtt_p99_us", "RTT, p99", "µs", "latency", "rtt", percentile(99, 1e3)),
    Figure(
        "last_of_10_p50_us",
        "until the last of 10 has it, p50",
        "µs",
        "latency",
        "last_delivery",
        percentile(50, 1e3),
        room_size=10,
    ),
    *_fan_out(10),
    *_fan_out(100),
)
