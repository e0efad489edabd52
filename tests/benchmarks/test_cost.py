"""The benchmarks of cost under plain pytest: what they write, and what they refuse to measure."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.load.profiles import PROFILES
from lab.measure.figures import FIGURES, Counts
from tests.benchmarks.test_suite import suite
from tests.cli.suite import ROOT

SIZES = PROFILES["quick"].cost


def measured(tmp_path: Path, *arguments: str) -> dict[str, Counts]:
    """Benchmark name -> counts, of a suite that passed."""
    written = tmp_path / "benchmark.json"
    done = suite(*arguments, f"--benchmark-json={written}")
    assert done.returncode == 0, done.stdout
    return {
        benchmark["name"]: msgspec.convert(benchmark["extra_info"], Counts, strict=True)
        for benchmark in json.loads(written.read_text())["benchmarks"]
    }


def figures(counts: Counts) -> dict[str, float | None]:
    return {figure.key: figure.extract(counts) for figure in FIGURES if figure.covers(counts)}


def total(cost: dict[str, Any]) -> float:
    return float(sum(sum(layers.values()) for layers in cost.values()))


def test_fan_out_measures_rooms_and_counts_bytes(tmp_path: Path) -> None:
    found = measured(tmp_path, "--experiments", "fan_out", "--transports", "websocket")
    for room, messages in SIZES.rooms.items():
        counts = found[f"test_one_at_a_time[websocket-{room}]"]
        assert (counts.room_size, counts.window) == (room, 1)
        assert counts.operations == messages * PROFILES["quick"].rounds
        assert (counts.delivered, counts.lost) == (counts.operations * room, 0)
        assert counts.server_cpu_ns is not None
        assert counts.saturated in ("server", "load", "both", "neither")
        found_here = figures(counts)
        assert set(found_here) == {f"{key}_{room}" for key in (*KEYS, GATHERED)}
        # How much a write held is the raw driver's to tell; there are messages enough for the
        # 99th percentile, too.
        assert found_here.pop(f"{GATHERED}_{room}") is None
        assert None not in found_here.values()
    counts = found["test_bytes[websocket]"]
    assert counts.lost == 0
    assert counts.detail is not None
    assert total(counts.detail["cost"]) > PROFILES["quick"].payload_bytes
    assert set(figures(counts)) == {"fan_out_bytes_per_delivery"}


KEYS = ("one_cpu_us", "last_p50_ms", "last_p99_ms")
GATHERED = "one_per_write"


@pytest.mark.parametrize("transport", ["websocket", "socketio-polling"])
def test_payload_measures_texts_up_to_the_largest_allowed(tmp_path: Path, transport: str) -> None:
    found = measured(tmp_path, "--experiments", "payload", "--transports", transport)
    assert max(SIZES.payloads) == 64 * 1024
    for size in SIZES.payloads:
        timed, counted = (
            found[f"test_cpu[{transport}-{size}]"],
            found[f"test_bytes[{transport}-{size}]"],
        )
        assert (timed.payload_bytes, timed.window) == (size, SIZES.payload_window)
        assert (timed.lost, counted.lost) == (0, 0)
        assert counted.detail is not None
        assert 0 < total(counted.detail["cost"]) - size < 1000
        assert set(figures(timed)) == {f"payload_cpu_us_{size}"}
        assert set(figures(counted)) == {f"payload_bytes_{size}"}


def test_memory_weighs_a_thousand_connections(tmp_path: Path) -> None:
    found = measured(tmp_path, "--experiments", "memory", "--transports", "loopback,websocket")
    assert set(found) == {"test_idle[websocket]"}  # what has no process has no memory of its own
    counts = found["test_idle[websocket]"]
    assert counts.detail is not None
    assert counts.detail["wanted"] == counts.detail["connections"] == SIZES.memory_connections
    assert (counts.delivered, counts.lost) == (1000, 0)
    weighed = figures(counts)
    assert weighed["memory_connections"] == 1000
    assert weighed["memory_joined_kib"] is None
    weight = weighed["memory_connected_kib"]
    assert weight is not None
    assert 1 < weight < 1000


LIMITED = 600
"""Descriptors: enough for the suite, and too few for a thousand connections."""


def test_with_too_few_descriptors_a_benchmark_is_left_out_with_the_reason(tmp_path: Path) -> None:
    written = tmp_path / "benchmark.json"
    arguments = ["benchmarks", "-p", "no:cacheprovider", "--experiments", "memory", "-rs"]
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                *arguments,
                "--transports",
                "websocket,socketio-polling",
            ),
            f"--benchmark-json={written}",
        ],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
        preexec_fn=_limit,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 skipped" in done.stdout
    for transport, needed in (("websocket", 1256), ("socketio-polling", 2256)):
        assert (
            f"{transport}: 1000 connections need {needed} file descriptors per process, "
            f"the limit is {LIMITED} (raise it with: ulimit -n {needed})"
        ) in done.stdout
    assert "Traceback" not in done.stdout


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMITED, LIMITED))
