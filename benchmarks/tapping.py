"""How a benchmark counts what a delivery takes on the wire: beside tally.py, which times it."""

from __future__ import annotations

import msgspec
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.stage import Stage
from benchmarks.tally import Tally
from lab.load.tapped_fan_out import tapped_fan_out

TAPPED_ROOM = 10
"""Members behind the relay."""


def count_bytes(
    benchmark: BenchmarkFixture,
    stage: Stage,
    experiment: str,
    measured: str,
    payload_bytes: int,
    messages: int,
    window: int,
) -> None:
    """Count what one delivery takes in a small room behind the relay, from the bytes."""
    texts = stage.texts(messages, payload_bytes)
    work = tapped_fan_out(
        stage.wire, stage.address.url, stage.address.port, TAPPED_ROOM, texts, window, stage.options
    )
    found = benchmark.pedantic(lambda: stage.run(work), rounds=1)
    tally = Tally()
    tally.expected, tally.delivered = messages * TAPPED_ROOM, found.count
    info = tally.info(
        stage.wire.name,
        experiment=experiment,
        measure=measured,
        room_size=TAPPED_ROOM,
        window=window,
        payload_bytes=payload_bytes,
    )
    benchmark.extra_info.update(info, detail={"cost": msgspec.to_builtins(found.cost)})
    tally.check()
