"""Synthetic runs for tests: data in the schema of results/README.md, with plausible numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lab import record
from lab.measure import histogram, process
from lab.measure.replicas import original


@dataclass(frozen=True)
class Costs:
    """The typical cost of a transport in ms and µs; `load_share`: of one core, under load."""

    connect_ms: float
    join_ms: float
    rtt_us: float
    tail: float
    last_us: float
    deliver_us: tuple[float, float]
    connect_cpu_ms: float
    load_share: float = 0.8


TRANSPORTS = {
    "loopback": Costs(0.004, 0.02, 14, 0.2, 45, (2.0, 1.2), 0.0, 0.99),
    "websocket": Costs(1.31, 1.52, 118, 0.25, 610, (14.8, 11.1), 0.52),
    "websocket-aiohttp": Costs(1.05, 1.24, 121, 0.25, 590, (12.6, 9.7), 0.44),
    "socketio-websocket": Costs(2.42, 2.71, 214, 0.3, 980, (24.3, 19.2), 0.83),
    "socketio-polling": Costs(4.41, 5.9, 1060, 0.5, 4100, (31.0, 16.0), 1.9, 0.97),
    "socketio": Costs(6.02, 6.31, 216, 0.3, 990, (24.5, 19.3), 2.31),
}
LIMITS = {"limit-tcp": "one_each", "limit-gathered": "gathered"}
ENVIRONMENT = {
    "machine": {
        "cpu": "Example CPU 3000",
        "cores": 2,
        "usable_cores": 2,
        "affinity": [0, 1],
        "governor": None,
        "memory_bytes": 8_000_000_000,
    },
    "system": {
        "name": "Linux",
        "distribution": "Debian GNU/Linux 12 (bookworm)",
        "kernel": "6.1.0-18-amd64",
        "kernel_series": "6.1",
    },
    "python": {
        "version": "3.11.7",
        "series": "3.11",
        "implementation": "CPython",
        "gc_enabled": True,
        "gc_thresholds": [700, 10, 10],
    },
    "libraries": {"websockets": "17.4", "aiohttp": "3.14.5", "python-socketio": "5.18.1"},
    "git": {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": False},
    "load_average": [0.05, 0.1, 0.1],
    "clock": {"name": "clock_gettime(CLOCK_MONOTONIC)", "resolution_ns": 70},
}


@dataclass(frozen=True)
class Made:
    """How to make a run. `scale` multiplies the times of transports, `lost` are deliveries per
    pass.
    """

    passes: int = 7
    planned: int | None = None
    transports: tuple[str, ...] = tuple(TRANSPORTS)
    settings: str = "equal"
    seed: int = 1
    noise: float = 0.02
    samples: int = 400
    scale: Mapping[str, float] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=lambda: ENVIRONMENT)
    constants: Mapping[str, Any] = field(
        default_factory=lambda: {"window": 16, "payload_bytes": 32}
    )


def make(results: Path, made: Made | None = None) -> record.Run:
    """Write a run below `results` through the record, and return it."""
    made = made or Made()
    writer = begin(results, made)
    for index in range(1, made.passes + 1):
        writer.add_pass(pass_json(made, index), order=made.transports, seconds=12.5)
    return writer.finish()


def begin(results: Path, made: Made) -> record.RunWriter:
    """The writer of a run without passes yet."""
    return record.create(
        results,
        "quick",
        settings=made.settings,  # type: ignore[arg-type]
        transports={transport: _about(transport) for transport in made.transports},
        seed=made.seed,
        planned_passes=made.planned or made.passes,
        constants=made.constants,
        limits={"text_bytes": 4096},
        command=["lab", "bench", "--profile", "quick"],
        environment=made.environment,
    )


def pass_json(made: Made, index: int) -> bytes:
    """The JSON of pytest-benchmark for one pass: the part that the lab reads."""
    rng = np.random.default_rng((made.seed, index))
    weather = rng.lognormal(0, 2 * made.noise)
    benchmarks = [
        each
        for transport in made.transports
        for each in _benchmarks(transport, made, rng, weather * made.scale.get(transport, 1.0))
    ]
    return json.dumps({"machine_info": {}, "benchmarks": benchmarks, "version": "5.3.1"}).encode()


def _about(transport: str) -> dict[str, Any]:
    return {
        "stack": {"server": f"library of {transport} 1.0", "client": f"library of {transport} 1.0"},
        "settings_shown": {"compression": "off", "heartbeat_s": 25},
        "limit": LIMITS.get(transport),
    }


def _benchmarks(
    transport: str, made: Made, rng: np.random.Generator, factor: float
) -> Iterator[dict[str, Any]]:
    costs = TRANSPORTS.get(original(transport), TRANSPORTS["socketio"])

    def timed(middle_ns: float, tail: float = 0.2) -> np.ndarray[Any, Any]:
        own = factor * rng.lognormal(0, made.noise)
        return (middle_ns * own * rng.lognormal(0, tail, made.samples)).astype(np.int64)

    def cpu(ns: float) -> int | None:
        return None if transport == "loopback" else int(ns * factor * rng.lognormal(0, made.noise))

    connect, join = timed(costs.connect_ms * 1e6), timed(costs.join_ms * 1e6)
    count, one = made.samples, {"expected": made.samples, "delivered": made.samples, "lost": 0}
    connect_cpu = cpu(costs.connect_cpu_ms * 1e6 * count)
    yield _entry(transport, "handshake", "connect", connect, connect_cpu, one)
    yield _entry(transport, "handshake", "join", join, connect_cpu, one)
    rtt = timed(costs.rtt_us * 1e3, costs.tail)
    yield _entry(transport, "latency", "rtt", rtt, cpu(float(rtt.sum()) * 0.4), one)
    last = timed(costs.last_us * 1e3, costs.tail)
    ten = {"expected": 10 * count, "delivered": 10 * count, "lost": 0}
    last_cpu = cpu(float(last.sum()) * 0.5)
    yield _entry(transport, "latency", "last_delivery", last, last_cpu, ten, room_size=10)
    for room, deliver_us in zip((10, 100), costs.deliver_us, strict=True):
        expected, lost = room * count, made.lost.get(transport, 0)
        counted = {"expected": expected, "delivered": expected - lost, "lost": lost}
        used = cpu(deliver_us * 1e3 * expected)
        wall = int((used or deliver_us * 1e3 * expected) / 0.95)
        yield _entry(
            transport,
            "throughput",
            "fan_out",
            None,
            used,
            counted,
            room_size=room,
            wall_ns=wall,
            load_share=costs.load_share,
            window=16,
        )


def _entry(
    transport: str,
    experiment: str,
    measure: str,
    samples: np.ndarray[Any, Any] | None,
    server_cpu_ns: int | None,
    counted: dict[str, int],
    *,
    load_share: float = 0.4,
    **more: int,
) -> dict[str, Any]:
    wall = more.get("wall_ns") or int(samples.sum() if samples is not None else 0)
    share = None if server_cpu_ns is None else server_cpu_ns / wall
    room = f"-{more['room_size']}" if "room_size" in more else ""
    info = {
        "transport": transport,
        "experiment": experiment,
        "measure": measure,
        "payload_bytes": 32,
        "operations": len(samples) if samples is not None else counted["expected"],
        "samples_hdr": None
        if samples is None
        else histogram.encode(histogram.from_samples(samples)),
        "wall_ns": wall,
        "server_cpu_ns": server_cpu_ns,
        "load_cpu_ns": int(wall * load_share),
        "server_share": share,
        "load_share": load_share,
        "saturated": process.saturated(share, load_share),
        "client": "library",
        **counted,
        **more,
    }
    name = f"test_{measure}[{transport}{room}]"
    return {"name": name, "group": experiment, "params": {}, "stats": {}, "extra_info": info}
