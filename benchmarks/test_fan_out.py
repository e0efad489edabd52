"""What does a delivery cost in larger rooms?

First with one message in flight, so that no transport can gather several into one write; then with
a window in the same room. The bytes are counted behind the relay, in a separate conversation that
is not timed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import PopulatedRoom, populated_room
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import measure_room
from benchmarks.tapping import count_bytes
from lab.contract import Capability
from lab.load.profiles import Driver

TAPPED_WINDOWS = 2
"""How many windows of messages are sent behind the relay."""


class PopulatedRooms:
    """Keeps the room in use, so that a room of a thousand is filled only once."""

    def __init__(self, served: ServedTransport, driver: Driver) -> None:
        self._served = served
        self._driver = driver
        self._open = ExitStack()
        self._numbers = itertools.count(1)
        self._populated: PopulatedRoom | None = None

    def of(self, size: int) -> PopulatedRoom:
        """A room of this size. Leaves the room of another size."""
        if self._populated is None or self._populated.size != size:
            self.close()
            # A new name, because a raw client only closes its TCP connection. Some transports then
            # still have it in the old room.
            name = f"room {next(self._numbers)} of {size}"
            populated = populated_room(self._served, name, size, self._driver)
            self._populated = self._open.enter_context(populated)
        return self._populated

    def close(self) -> None:
        """Leave the room in use, if there is one."""
        self._populated = None
        self._open.close()


@pytest.fixture(scope="session")
def populated_rooms(served: ServedTransport, driver: Driver) -> Iterator[PopulatedRooms]:
    populated_rooms = PopulatedRooms(served, driver)
    yield populated_rooms
    populated_rooms.close()


def test_one_at_a_time(
    benchmark: BenchmarkFixture,
    served: ServedTransport,
    populated_rooms: PopulatedRooms,
    members: int,
) -> None:
    """From one member to all. The next message is sent when the last member has this one."""
    count = served.profile.cost.rooms[members]
    benchmark.group = f"fan-out: {count} messages to a room of {members}, one after the other"
    measure_room(
        benchmark, populated_rooms.of(members), "fan_out", "one_at_a_time", messages=count, window=1
    )


def test_window(
    benchmark: BenchmarkFixture,
    served: ServedTransport,
    populated_rooms: PopulatedRooms,
    members: int,
) -> None:
    """The same with a window of messages in flight, to see what gathering saves."""
    window, cost = served.profile.window, served.profile.cost
    large = members not in served.profile.fan_out_messages
    benchmark.group = f"fan-out: a room of {members}, {window} in flight"
    measure_room(
        benchmark,
        populated_rooms.of(members),
        "fan_out",
        "window",
        messages=window if large else window * cost.windows,
        window=window,
        rounds=cost.large_room_rounds,
    )


@pytest.mark.needs(Capability.TCP)
def test_bytes(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """Bytes of one delivery on the wire, with a window of messages in flight."""
    window, size = served.profile.window, served.profile.payload_bytes
    benchmark.group = "fan-out: bytes behind the relay (not a timing)"
    count_bytes(
        benchmark, served, "fan_out", "fan_out_bytes", size, TAPPED_WINDOWS * window, window
    )
