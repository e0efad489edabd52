"""What does a delivery of a larger text cost?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import PopulatedRoom, populated_room
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import measure_room
from benchmarks.tapping import count_bytes
from lab.contract import Capability
from lab.load.profiles import Driver

TAPPED_MESSAGES = 4
ROOM = "letters"


@pytest.fixture(scope="session")
def populated(served: ServedTransport, driver: Driver) -> Iterator[PopulatedRoom]:
    """One room for the texts of all sizes."""
    with populated_room(served, ROOM, served.profile.cost.payload_room, driver) as populated:
        yield populated


def test_cpu(benchmark: BenchmarkFixture, populated: PopulatedRoom, size_bytes: int) -> None:
    """A few messages in flight, from one member to all in a small room."""
    sizes = populated.served.profile.cost
    count, window = sizes.payloads[size_bytes], sizes.payload_window
    benchmark.group = f"payload: {count} texts of {size_bytes} B, {window} in flight"
    measure_room(
        benchmark,
        populated,
        "payload",
        "payload",
        messages=count,
        window=window,
        payload_bytes=size_bytes,
    )


@pytest.mark.needs(Capability.TCP)
def test_bytes(benchmark: BenchmarkFixture, served: ServedTransport, size_bytes: int) -> None:
    """Bytes of one delivery on the wire, with one in flight."""
    benchmark.group = "payload: bytes behind the relay (not a timing)"
    count_bytes(
        benchmark, served, "payload", "payload_bytes", size_bytes, TAPPED_MESSAGES, window=1
    )
