"""What the rounds of a benchmark add up to, and how a round is run under pytest-benchmark."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.halls import Hall
from benchmarks.stage import Stage
from lab.load.fan_out import FanOut
from lab.load.profiles import Asker
from lab.measure import histogram
from lab.measure.process import CpuUse, Meter

VOID = "void:"
"""How the failure of a benchmark begins that is void by itself and leaves its pass valid."""


class Tally:
    """What the rounds of one benchmark add up to."""

    def __init__(self) -> None:
        self.samples_ns: list[int] = []
        self.uses: list[CpuUse] = []
        self.expected = 0
        self.delivered = 0
        self.out_of_order = 0
        self._per_write: list[float] = []

    def add(self, found: FanOut) -> None:
        """Add what one batch of messages came to."""
        self.samples_ns += found.last_delivery_ns
        self.expected += found.expected
        self.delivered += found.delivered
        self.out_of_order += found.out_of_order
        self._per_write += [] if found.per_write is None else [found.per_write]

    @property
    def per_write(self) -> float | None:
        """Messages in one write or poll, over the rounds; None where nobody counted them."""
        return sum(self._per_write) / len(self._per_write) if self._per_write else None

    def check(self) -> None:
        """Fail the benchmark that lost a message, or the whole pass where the order was broken."""
        if self.out_of_order:
            pytest.fail(f"{self.out_of_order} deliveries out of order: the wire is broken")
        if self.delivered != self.expected:
            pytest.fail(f"{VOID} {self.expected - self.delivered} of {self.expected} lost")

    def info(
        self,
        wire: str,
        *,
        experiment: str,
        measure: str,
        client: Asker = "library",
        **sizes: int,
    ) -> dict[str, Any]:
        """The benchmark's `extra_info`, in the schema of results/README.md."""
        use = _sum(self.uses or [CpuUse(wall_ns=1, load_cpu_ns=0, server_cpu_ns=None)])
        return {
            "wire": wire,
            "experiment": experiment,
            "measure": measure,
            "room_size": sizes.get("room_size"),
            "window": sizes.get("window"),
            "payload_bytes": sizes.get("payload_bytes"),
            "operations": len(self.samples_ns),
            "samples_hdr": histogram.encode(histogram.of(self.samples_ns)),
            "expected": self.expected,
            "delivered": self.delivered,
            "lost": self.expected - self.delivered,
            "wall_ns": use.wall_ns,
            "server_cpu_ns": use.server_cpu_ns,
            "load_cpu_ns": use.load_cpu_ns,
            "server_share": use.server_share,
            "load_share": use.load_share,
            "saturated": use.saturated,
            "client": client,
        }


def _sum(uses: list[CpuUse]) -> CpuUse:
    servers = [use.server_cpu_ns for use in uses if use.server_cpu_ns is not None]
    busiest = [use.load_cpu_ns if use.busiest_ns is None else use.busiest_ns for use in uses]
    return CpuUse(
        wall_ns=sum(use.wall_ns for use in uses),
        load_cpu_ns=sum(use.load_cpu_ns for use in uses),
        server_cpu_ns=sum(servers) if len(servers) == len(uses) else None,
        busiest_ns=sum(busiest),
    )


Round = Callable[[Tally], Coroutine[Any, Any, None]]
"""One round: does its work and adds what it found to the tally."""


def measure(
    benchmark: BenchmarkFixture,
    stage: Stage,
    one_round: Round,
    rounds: int | None = None,
    meter: Meter | None = None,
) -> Tally:
    """Run one round to warm up, then `rounds` (the profile's), timed by pytest-benchmark.

    `meter`: of whoever loads (the stage's).

    Raises:
        ServerDiedError: the server ended on the way.
    """
    stage.run(one_round(Tally()))
    tally = Tally()
    meter = meter or stage.round_meter()

    def timed() -> None:
        meter.start()
        stage.run(one_round(tally))
        tally.uses.append(meter.stop())

    try:
        benchmark.pedantic(timed, rounds=rounds or stage.profile.rounds, iterations=1)
    finally:
        stage.check()
    return tally


def measure_hall(
    benchmark: BenchmarkFixture,
    hall: Hall,
    experiment: str,
    measured: str,
    *,
    messages: int,
    window: int,
    payload_bytes: int | None = None,
    rounds: int | None = None,
) -> None:
    """Say `messages` in a full room, `window` in flight; fail if one delivery is lost."""
    size = payload_bytes or hall.stage.profile.payload_bytes

    async def one_round(tally: Tally) -> None:
        texts = hall.stage.texts(messages, size)
        tally.add(await hall.fan_out(texts, window))

    tally = measure(benchmark, hall.stage, one_round, rounds, hall.meter())
    benchmark.extra_info.update(
        tally.info(
            hall.stage.wire.name,
            experiment=experiment,
            measure=measured,
            client=hall.client,
            room_size=hall.size,
            window=window,
            payload_bytes=size,
        ),
        detail={"per_write": tally.per_write},
    )
    tally.check()
