"""Serves a transport for a fleet: its server listens where the fleet's workers reach it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from benchmarks.served_transports import ServedTransport
from lab.contract import is_loopback
from lab.load.fan_out import FanOut
from lab.load.hosts.fleet import Fleet, FleetError, FleetMeter, FleetRooms
from lab.load.profiles import ClientKind
from lab.measure.process import Meter
from lab.measure.replicas import original
from transports import registry


class TransportForFleet(ServedTransport):
    """A served transport whose rooms are full of a fleet's members."""

    fleet: Fleet
    listen: str

    def serve_arguments(self) -> list[str]:
        """See `ServedTransport`."""
        share = [] if is_loopback(self.listen) else ["--share"]
        return [*super().serve_arguments(), "--host", self.listen, *share]


class FleetPopulatedRooms:
    """One full room in each worker of a fleet."""

    client: ClientKind = "raw"

    def __init__(self, served: ServedTransport, size: int, rooms: FleetRooms) -> None:
        self.served = served
        self.size = size
        self._rooms = rooms

    def meter(self) -> Meter:
        """See `PopulatedRoom`. The workers report their own CPU."""
        return FleetMeter(self._rooms, self.served.server_pid)

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `PopulatedRoom`. All workers load at the same time."""
        try:
            return self._rooms.fan_out(texts, window)
        except FleetError as error:
            pytest.fail(str(error), pytrace=False)  # the whole pass is void, for this reason


@contextmanager
def populated_by(served: TransportForFleet, name: str, size: int) -> Iterator[FleetPopulatedRooms]:
    """Fill a room of `size` in each worker. The pass is void if a worker is lost."""
    # A replica's class is made here, and no other process knows it.
    transport = registry.load(original(served.transport.name))
    try:
        with served.fleet.rooms(transport, served.address, name, size) as rooms:
            yield FleetPopulatedRooms(served, size, rooms)
    except FleetError as error:
        pytest.fail(str(error), pytrace=False)
