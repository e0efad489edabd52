"""What does a delivery cost, the larger the text?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.halls import Hall, full_hall
from benchmarks.stage import Stage
from benchmarks.tally import measure_hall
from benchmarks.tapping import count_bytes
from lab.contract import Capability
from lab.load.profiles import Driver

TAPPED_MESSAGES = 4
ROOM = "letters"


@pytest.fixture(scope="session")
def hall(stage: Stage, driver: Driver) -> Iterator[Hall]:
    """One room for the texts of all sizes."""
    with full_hall(stage, ROOM, stage.profile.cost.payload_room, driver) as hall:
        yield hall


@pytest.mark.driven
def test_cpu(benchmark: BenchmarkFixture, hall: Hall, size_bytes: int) -> None:
    """A few messages in flight from one member to everybody in a small room."""
    sizes = hall.stage.profile.cost
    count, window = sizes.payloads[size_bytes], sizes.payload_window
    benchmark.group = f"payload: {count} texts of {size_bytes} B, {window} in flight"
    measure_hall(
        benchmark,
        hall,
        "payload",
        "payload",
        messages=count,
        window=window,
        payload_bytes=size_bytes,
    )


@pytest.mark.needs(Capability.SOCKET)
def test_bytes(benchmark: BenchmarkFixture, stage: Stage, size_bytes: int) -> None:
    """What one delivery takes on the wire, one in flight."""
    benchmark.group = "payload: bytes behind the relay (not a timing)"
    count_bytes(benchmark, stage, "payload", "payload_bytes", size_bytes, TAPPED_MESSAGES, window=1)
