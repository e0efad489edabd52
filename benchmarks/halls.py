"""A room full of members and who speaks there, with either driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from benchmarks.stage import Stage
from lab.contract import Connection
from lab.load.fan_out import Audience, FanOut, fan_out
from lab.load.profiles import Asker, Driver
from lab.load.raw import RawRoom, cpus_for
from lab.measure.process import Meter


class Hall(Protocol):
    """A full room of a wire's server."""

    @property
    def stage(self) -> Stage:
        """The wire, served."""

    @property
    def client(self) -> Asker:
        """What the members are."""

    @property
    def size(self) -> int:
        """How many members are in it, the speaker too."""

    def meter(self) -> Meter:
        """A meter for what its members and the server use."""

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """Say the texts, at most `window` in flight; what came of it."""


class LibraryHall:
    """Members as an application has them."""

    client: Asker = "library"

    def __init__(self, stage: Stage, room: str, audience: Audience, sender: Connection) -> None:
        self.stage = stage
        self.size = audience.size
        self._room = room
        self._audience = audience
        self._sender = sender

    def meter(self) -> Meter:
        """See `Hall`."""
        return self.stage.meter()

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `Hall`."""
        return await fan_out(self._sender, self._room, self._audience, texts, window)


class RawHall:
    """Members that skip what they are sent by its header."""

    client: Asker = "raw"

    def __init__(self, stage: Stage, size: int, room: RawRoom) -> None:
        self.stage = stage
        self.size = size
        self._room = room

    def meter(self) -> Meter:
        """See `Hall`: some members may be in processes of their own."""
        return self.stage.meter(self._room.worker_pids)

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `Hall`. Nothing else goes on meanwhile: the driver has a loop of its own."""
        return self._room.fan_out(texts, window)


@contextmanager
def full_hall(stage: Stage, room: str, size: int, driver: Driver) -> Iterator[Hall]:
    """Fill a room with `size` members: raw ones in several processes, where cores allow."""
    if driver == "raw":
        cpus = cpus_for(size, stage.cores.further)
        with RawRoom(stage.wire, stage.address, room, size, cpus=cpus) as members:
            yield RawHall(stage, size, members)
        return
    audience = Audience(size)
    with stage.room(room, audience.listeners()) as fleet:
        yield LibraryHall(stage, room, audience, fleet.connections[0])
