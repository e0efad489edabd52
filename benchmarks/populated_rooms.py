"""Fills a room with members of either driver, and sends messages in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from benchmarks.from_a_fleet import TransportForFleet, populated_by
from benchmarks.served_transports import ServedTransport
from lab.contract import Connection
from lab.load.fan_out import Audience, FanOut, fan_out
from lab.load.profiles import ClientKind, Driver
from lab.load.raw import RawRoom, cpus_for
from lab.measure.process import Meter


class PopulatedRoom(Protocol):
    """A full room on a transport's server."""

    @property
    def served(self) -> ServedTransport:
        """The served transport."""

    @property
    def client(self) -> ClientKind:
        """The kind of client of the members."""

    @property
    def size(self) -> int:
        """How many members it has, including the speaker."""

    def meter(self) -> Meter:
        """A meter for the CPU of its members and the server."""

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """Say the texts, at most `window` in flight."""


class LibraryRoom:
    """Members that use the transport's library client, as an application does."""

    client: ClientKind = "library"

    def __init__(
        self, served: ServedTransport, room: str, audience: Audience, sender: Connection
    ) -> None:
        self.served = served
        self.size = audience.size
        self._room = room
        self._audience = audience
        self._sender = sender

    def meter(self) -> Meter:
        """See `PopulatedRoom`."""
        return self.served.meter()

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `PopulatedRoom`."""
        return await fan_out(self._sender, self._room, self._audience, texts, window)


class RawPopulatedRoom:
    """Members of the raw driver, which reads only headers."""

    client: ClientKind = "raw"

    def __init__(self, served: ServedTransport, size: int, room: RawRoom) -> None:
        self.served = served
        self.size = size
        self._room = room

    def meter(self) -> Meter:
        """See `PopulatedRoom`. Some members may be in other processes."""
        return self.served.meter(self._room.worker_pids)

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `PopulatedRoom`. Nothing else runs meanwhile, because the driver has its own loop."""
        return self._room.fan_out(texts, window)


@contextmanager
def populated_room(
    served: ServedTransport, room: str, size: int, driver: Driver
) -> Iterator[PopulatedRoom]:
    """Fill a room with `size` members; raw ones in several processes, if there are cores.

    With a fleet, each of its workers fills a room.
    """
    if isinstance(served, TransportForFleet):
        with populated_by(served, room, size) as rooms:
            yield rooms
        return
    if driver == "raw":
        cpus = cpus_for(size, served.cores.further)
        where, tls = served.address, served.options.tls
        with RawRoom(served.transport, where, room, size, cpus=cpus, tls=tls) as members:
            yield RawPopulatedRoom(served, size, members)
        return
    audience = Audience(size)
    with served.room(room, audience.listeners()) as fleet:
        yield LibraryRoom(served, room, audience, fleet.connections[0])
