"""Runs rounds under pytest-benchmark, and adds up what they count."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import PopulatedRoom
from benchmarks.served_transports import ServedTransport
from lab.load.fan_out import FanOut
from lab.measure import histogram
from lab.measure.figures import Counts, Workload, count
from lab.measure.histogram import Histogram
from lab.measure.process import CpuUse, Meter


class VoidError(Exception):
    """This benchmark is void, for the given reason. Its pass stays valid."""


class Tally:
    """The sums over the rounds of one benchmark."""

    def __init__(self) -> None:
        self.samples_ns: list[int] = []
        self.uses: list[CpuUse] = []
        self.expected = 0
        self.delivered = 0
        self.out_of_order = 0
        self._per_write: list[float] = []
        self._latencies: list[Histogram] = []

    def add(self, found: FanOut) -> None:
        """Add the result of one batch of messages."""
        self.samples_ns += found.last_delivery_ns
        self.expected += found.expected
        self.delivered += found.delivered
        self.out_of_order += found.out_of_order
        self._per_write += [] if found.per_write is None else [found.per_write]
        self._latencies += [] if found.latencies is None else [found.latencies]

    @property
    def per_write(self) -> float | None:
        """Messages per write or poll, over the rounds; None if they were not counted."""
        return sum(self._per_write) / len(self._per_write) if self._per_write else None

    def check(self) -> None:
        """Check that every delivery arrived, and in order.

        Raises:
            VoidError: a delivery was lost.
            pytest.fail.Exception: deliveries came out of order, which makes the whole pass void.
        """
        if self.out_of_order:
            pytest.fail(f"{self.out_of_order} deliveries out of order: the transport is broken")
        if self.delivered != self.expected:
            raise VoidError(f"{self.expected - self.delivered} of {self.expected} lost")

    def counts(self, workload: Workload, detail: dict[str, Any] | None = None) -> Counts:
        """The counts of this workload."""
        use = _sum(self.uses or [CpuUse(wall_ns=1, load_cpu_ns=0, server_cpu_ns=None)])
        return count(
            workload,
            use,
            histogram.merge([histogram.from_samples(self.samples_ns), *self._latencies]),
            expected=self.expected,
            delivered=self.delivered,
            detail=detail,
        )


def _sum(uses: list[CpuUse]) -> CpuUse:
    servers = [use.server_cpu_ns for use in uses if use.server_cpu_ns is not None]
    busiest = [use.load_cpu_ns if use.busiest_ns is None else use.busiest_ns for use in uses]
    return CpuUse(
        wall_ns=sum(use.wall_ns for use in uses),
        load_cpu_ns=sum(use.load_cpu_ns for use in uses),
        server_cpu_ns=sum(servers) if len(servers) == len(uses) else None,
        busiest_ns=sum(busiest),
    )


def keep(benchmark: BenchmarkFixture, counts: Counts) -> None:
    """Store the counts as the benchmark's `extra_info` in the pass's file."""
    benchmark.extra_info.update(msgspec.to_builtins(counts))


Round = Callable[[Tally], Coroutine[Any, Any, None]]
"""One round: does its work and adds the result to the tally."""


def measure(
    benchmark: BenchmarkFixture,
    served: ServedTransport,
    one_round: Round,
    rounds: int | None = None,
    meter: Meter | None = None,
) -> Tally:
    """Run one round to warm up, then `rounds` (the profile's), timed by pytest-benchmark.

    `meter`: for the CPU of the load; default: the served transport's meter.

    Raises:
        ServerDiedError: the server ended on the way.
    """
    served.run(one_round(Tally()))
    tally = Tally()
    meter = meter or served.round_meter()

    def timed() -> None:
        meter.start()
        served.run(one_round(tally))
        tally.uses.append(meter.stop())

    try:
        benchmark.pedantic(timed, rounds=rounds or served.profile.rounds, iterations=1)
    finally:
        served.check()
    return tally


def measure_room(
    benchmark: BenchmarkFixture,
    populated: PopulatedRoom,
    experiment: str,
    measured: str,
    *,
    messages: int,
    window: int,
    payload_bytes: int | None = None,
    rounds: int | None = None,
) -> None:
    """Say `messages` in a full room, `window` in flight. Void if a delivery is lost."""
    size = payload_bytes or populated.served.profile.payload_bytes

    async def one_round(tally: Tally) -> None:
        texts = populated.served.texts(messages, size)
        tally.add(await populated.fan_out(texts, window))

    tally = measure(benchmark, populated.served, one_round, rounds, populated.meter())
    workload = Workload(
        transport=populated.served.transport.name,
        experiment=experiment,
        measure=measured,
        client=populated.client,
        room_size=populated.size,
        window=window,
        payload_bytes=size,
    )
    keep(benchmark, tally.counts(workload, {"per_write": tally.per_write}))
    tally.check()
