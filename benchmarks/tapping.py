"""Counts the bytes of a delivery on the wire."""

from __future__ import annotations

import msgspec
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep
from lab.load.tapped_fan_out import tapped_fan_out
from lab.measure.figures import Workload

TAPPED_ROOM = 10
"""Members behind the relay."""


def count_bytes(
    benchmark: BenchmarkFixture,
    served: ServedTransport,
    experiment: str,
    measured: str,
    payload_bytes: int,
    messages: int,
    window: int,
) -> None:
    """Count the bytes of one delivery in a small room behind the relay."""
    texts = served.texts(messages, payload_bytes)
    work = tapped_fan_out(
        served.transport,
        served.address.url,
        served.address.port,
        TAPPED_ROOM,
        texts,
        window,
        served.options,
    )
    found = benchmark.pedantic(lambda: served.run(work), rounds=1)
    tally = Tally()
    tally.expected, tally.delivered = messages * TAPPED_ROOM, found.count
    workload = Workload(
        transport=served.transport.name,
        experiment=experiment,
        measure=measured,
        room_size=TAPPED_ROOM,
        window=window,
        payload_bytes=payload_bytes,
    )
    keep(benchmark, tally.counts(workload, {"cost": msgspec.to_builtins(found.cost)}))
    tally.check()
