"""What does a journal cost that keeps each message before its reply?

The transport's server runs without a journal, and with one in SQLite by each setting of `--sync`,
one after the other. A room of 100 has one message in flight, and then a window of them.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.over_tls import server_arguments
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep
from lab.contract import Address, Settings
from lab.journal.sqlite import entries_per_commit
from lab.load.raw import RawRoom
from lab.measure import histogram
from lab.measure.figures import Workload
from lab.measure.process import CpuMeter, pin
from lab.measure.replicas import original
from lab.measure.server import ServerProcess

JOURNALS = {"memory": None, "normal": "normal", "full": "full"}
"""Label in the figures -> the value of `--sync`; None: no journal."""


def test_durability(
    benchmark: BenchmarkFixture, served: ServedTransport, settings: Settings
) -> None:
    """Each journal with each window, on a server of its own."""
    benchmark.group = "durability: what a journal costs (not a timing)"
    tally = Tally()
    windows = (1, served.profile.window)

    def measure() -> dict[str, Any]:
        return {
            name: {
                str(window): _measured(served, settings, sync, window, tally) for window in windows
            }
            for name, sync in JOURNALS.items()
        }

    detail = benchmark.pedantic(measure, rounds=1)
    workload = Workload(
        transport=served.transport.name,
        experiment="durability",
        measure="durability",
        client="raw",
        room_size=served.profile.harness.room,
        window=served.profile.window,
        payload_bytes=served.profile.payload_bytes,
    )
    keep(benchmark, tally.counts(workload, detail))
    tally.check()


def _measured(
    served: ServedTransport, settings: Settings, sync: str | None, window: int, tally: Tally
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rooms.db")
        arguments = ["--settings", settings, "--unpaced", *server_arguments(served.transport)]
        if sync is not None:
            arguments += ["--durable", str(path), "--sync", sync]
        with ServerProcess(original(served.transport.name), arguments) as server:
            pin(server.pid, served.cores.server)
            found = _said(served, server, window, tally)
        return found | ({} if sync is None else {"per_commit": entries_per_commit(path)})


def _said(
    served: ServedTransport, server: ServerProcess, window: int, tally: Tally
) -> dict[str, Any]:
    """CPU, time and rate of the messages of all rounds, after a window to warm up."""
    sizes = served.profile.harness
    address = msgspec.convert(server.ready, Address)
    meter, samples, messages = CpuMeter(os.getpid(), server.pid), list[int](), 0
    with RawRoom(served.transport, address, "durable", sizes.room) as room:
        room.fan_out(served.texts(served.profile.window), window)
        meter.start()
        for _ in range(served.profile.rounds):
            found = room.fan_out(served.texts(sizes.messages), window)
            tally.add(found)
            samples += found.last_delivery_ns
            messages += sizes.messages
        use = meter.stop()
    tally.uses.append(use)
    times = histogram.from_samples(samples)
    return {
        "cpu_ns": None if use.server_cpu_ns is None else use.server_cpu_ns / messages,
        "p50_ns": times.percentile_ns(50),
        "p99_ns": times.percentile_ns(99),
        "messages_per_s": messages * 1e9 / use.wall_ns,
    }
