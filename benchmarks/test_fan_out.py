"""What does a delivery cost, the larger the room?

One message in flight, so that no wire can gather several into one write; then a window of them in
the same room. The bytes are counted behind the relay, in a conversation of their own that nobody
times.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.halls import Hall, full_hall
from benchmarks.stage import Stage
from benchmarks.tally import measure_hall
from benchmarks.tapping import count_bytes
from lab.contract import Capability
from lab.load.profiles import Driver

TAPPED_WINDOWS = 2
"""How often the window is filled behind the relay."""


class Halls:
    """The room in use: a room of a thousand is filled once for all that is measured in it."""

    def __init__(self, stage: Stage, driver: Driver) -> None:
        self._stage = stage
        self._driver = driver
        self._open = ExitStack()
        self._numbers = itertools.count(1)
        self._hall: Hall | None = None

    def of(self, size: int) -> Hall:
        """The room of that size; any other is left."""
        if self._hall is None or self._hall.size != size:
            self.close()
            # A raw client only hangs up: some wires still have it in the room that it has left.
            name = f"hall {next(self._numbers)} of {size}"
            hall = full_hall(self._stage, name, size, self._driver)
            self._hall = self._open.enter_context(hall)
        return self._hall

    def close(self) -> None:
        """Leave the room in use, if any."""
        self._hall = None
        self._open.close()


@pytest.fixture(scope="session")
def halls(stage: Stage, driver: Driver) -> Iterator[Halls]:
    halls = Halls(stage, driver)
    yield halls
    halls.close()


@pytest.mark.driven
def test_one_at_a_time(
    benchmark: BenchmarkFixture, stage: Stage, halls: Halls, members: int
) -> None:
    """From one member to everybody, the next message when the last member has this one."""
    count = stage.profile.cost.rooms[members]
    benchmark.group = f"fan-out: {count} messages to a room of {members}, one after the other"
    measure_hall(benchmark, halls.of(members), "fan_out", "one_at_a_time", messages=count, window=1)


@pytest.mark.driven
def test_window(benchmark: BenchmarkFixture, stage: Stage, halls: Halls, members: int) -> None:
    """The same with a window of messages in flight: what a server gathers shows beside it."""
    window, cost = stage.profile.window, stage.profile.cost
    large = members not in stage.profile.fan_out_messages
    benchmark.group = f"fan-out: a room of {members}, {window} in flight"
    measure_hall(
        benchmark,
        halls.of(members),
        "fan_out",
        "fan_out" if large else "window",
        messages=window if large else window * cost.windows,
        window=window,
        rounds=cost.large_room_rounds,
    )


@pytest.mark.needs(Capability.SOCKET)
def test_bytes(benchmark: BenchmarkFixture, stage: Stage) -> None:
    """What one delivery takes on the wire where a window of messages is in flight."""
    window, size = stage.profile.window, stage.profile.payload_bytes
    benchmark.group = "fan-out: bytes behind the relay (not a timing)"
    count_bytes(benchmark, stage, "fan_out", "fan_out_bytes", size, TAPPED_WINDOWS * window, window)
