"""The figures of fan_out, payload, memory and idle.

Each is measured once in a run, so there is no interval. If only fan_out is requested, it runs in
several passes.
"""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import (
    Extract,
    bytes_at,
    cpu_us_per_delivery,
    deliveries_per_s,
    detail_at,
    load_cpu_us_per_delivery,
    per,
    percentile,
)
from lab.measure.figures.figure import Figure, Limit

ROOMS = (10, 100, 1000)
PAYLOADS = (16, 256, 4096, 65536)
FEWEST_FOR_P99 = 100
"""With fewer messages the 99th percentile would just be the slowest one."""


def _p99_ms(counts: Counts) -> float | None:
    return percentile(99, 1e6)(counts) if counts.operations >= FEWEST_FOR_P99 else None


def memory_kib(state: str) -> Extract:
    """The growth of the server from `before_bytes` to this state, per connection, in KiB."""

    def extract(counts: Counts) -> float | None:
        detail = counts.detail or {}
        after, count = detail.get(f"{state}_bytes"), detail.get("connections")
        if after is None or not count:
            return None
        return float((after - detail["before_bytes"]) / count / 1024)

    return extract


def _a_minute_of_1000(counts: Counts, amount: float | None) -> float | None:
    """Scale an amount of the window to a minute of a thousand connections."""
    count = (counts.detail or {}).get("connections")
    scaled = per(amount, counts.wall_ns / 60e9)
    return per(scaled, count / 1000) if count else None


def idle_cpu_ms(counts: Counts) -> float | None:
    """The server's CPU time for a minute of 1,000 idle connections, in ms."""
    used = counts.server_cpu_ns
    return _a_minute_of_1000(counts, None if used is None else used / 1e6)


def idle_load_cpu_ms(counts: Counts) -> float | None:
    """The clients' CPU time for the same, in ms."""
    return _a_minute_of_1000(counts, counts.load_cpu_ns / 1e6)


def _one_at_a_time(room: int) -> tuple[Figure, ...]:
    def figure(
        key: str, title: str, unit: str, column: str, extract: Extract, limit: Limit | None = None
    ) -> Figure:
        return Figure(
            f"{key}_{room}",
            f"{title}, room of {room}, one in flight",
            unit,
            "fan_out",
            "one_at_a_time",
            extract,
            room_size=room,
            counted=True,
            limit=limit,
            column=f"room of\n{room}\n{column}",
        )

    return (
        figure(
            "one_cpu_us", "server CPU per delivery", "µs", "CPU µs", cpu_us_per_delivery, "one_each"
        ),
        figure("last_p50_ms", "until the last has it, p50", "ms", "p50 ms", percentile(50, 1e6)),
        figure("last_p99_ms", "until the last has it, p99", "ms", "p99 ms", _p99_ms),
        _gathered(f"one_per_write_{room}", "one_at_a_time", room, "one in flight"),
    )


def _gathered(key: str, measure: str, room: int, flight: str) -> Figure:
    return Figure(
        key,
        f"messages in one write or poll, room of {room}, {flight}",
        "",
        "fan_out",
        measure,
        detail_at("per_write"),
        room_size=room,
        counted=True,
        ratio=False,
        lower_is_better=False,
        column=f"room of\n{room}\n{'1' if flight.startswith('one') else '16'}: a write",
    )


def _window(room: int) -> tuple[Figure, ...]:
    """Rooms that the experiment throughput also measures, but here beside one message in flight."""
    return (
        Figure(
            f"window_cpu_us_{room}",
            f"server CPU per delivery, room of {room}, 16 in flight",
            "µs",
            "fan_out",
            "window",
            cpu_us_per_delivery,
            room_size=room,
            counted=True,
            limit="gathered",
            column=f"room of\n{room}\n16: µs",
        ),
        Figure(
            f"window_load_cpu_us_{room}",
            f"client CPU per delivery, room of {room}, 16 in flight",
            "µs",
            "fan_out",
            "window",
            load_cpu_us_per_delivery,
            room_size=room,
            counted=True,
            column=f"room of\n{room}\n16: client",
        ),
        _gathered(f"window_per_write_{room}", "window", room, "16 in flight"),
    )


def _payload(size: int) -> tuple[Figure, ...]:
    def figure(
        key: str, measure: str, title: str, unit: str, column: str, extract: Extract
    ) -> Figure:
        return Figure(
            f"{key}_{size}",
            f"{title}, texts of {size} B",
            unit,
            "payload",
            measure,
            extract,
            payload_bytes=size,
            counted=True,
            column=f"{size} B\n{column}",
        )

    cpu, transport = "server CPU per delivery", "bytes per delivery"
    return (
        figure("payload_cpu_us", "payload", cpu, "µs", "CPU µs", cpu_us_per_delivery),
        figure("payload_bytes", "payload_bytes", transport, "B", "transport", bytes_at("cost")),
    )


COST: tuple[Figure, ...] = (
    *(figure for room in ROOMS for figure in _one_at_a_time(room)),
    *(figure for room in ROOMS if room < 1000 for figure in _window(room)),
    Figure(
        "deliveries_per_s_1000",
        "deliveries, room of 1000, 16 in flight",
        "/s",
        "fan_out",
        "window",
        deliveries_per_s,
        room_size=1000,
        lower_is_better=False,
        load_bound=True,
        counted=True,
        column="room of\n1000\n16: /s",
    ),
    Figure(
        "server_cpu_us_per_delivery_1000",
        "server CPU per delivery, room of 1000, 16 in flight",
        "µs",
        "fan_out",
        "window",
        cpu_us_per_delivery,
        room_size=1000,
        counted=True,
        limit="gathered",
        column="room of\n1000\n16: µs",
    ),
    _gathered("window_per_write_1000", "window", 1000, "16 in flight"),
    Figure(
        "fan_out_bytes_per_delivery",
        "bytes per delivery, room of 10, 16 in flight",
        "B",
        "fan_out",
        "fan_out_bytes",
        bytes_at("cost"),
        room_size=10,
        counted=True,
        column="room of\n10\n16: transport",
    ),
    *(figure for size in PAYLOADS for figure in _payload(size)),
    Figure(
        "memory_connected_kib",
        "server memory per connection, idle, in no room",
        "KiB",
        "memory",
        "idle_memory",
        memory_kib("connected"),
        counted=True,
        column="in no room\n(KiB)",
    ),
    Figure(
        "memory_joined_kib",
        "server memory per connection, idle, in a room of 10",
        "KiB",
        "memory",
        "idle_memory",
        memory_kib("joined"),
        counted=True,
        column="in a room\n(KiB)",
    ),
    Figure(
        "memory_connections",
        "idle connections that were open",
        "",
        "memory",
        "idle_memory",
        detail_at("connections"),
        lower_is_better=False,
        counted=True,
        column="measured\nwith",
    ),
    Figure(
        "idle_cpu_ms_per_minute",
        "server CPU in a minute of 1,000 idle connections",
        "ms",
        "idle",
        "idle_minute",
        idle_cpu_ms,
        counted=True,
        column="server\nCPU ms",
    ),
    Figure(
        "idle_load_cpu_ms_per_minute",
        "client CPU in a minute of 1,000 idle connections",
        "ms",
        "idle",
        "idle_minute",
        idle_load_cpu_ms,
        counted=True,
        column="client\nCPU ms",
    ),
    Figure(
        "idle_kb_per_minute",
        "bytes in a minute of 1,000 idle connections",
        "kB",
        "idle",
        "idle_minute",
        bytes_at("heartbeat"),
        counted=True,
        column="on the\ntransport kB",
    ),
)
