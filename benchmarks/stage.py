"""The stage of a benchmark: one wire's server and an event loop for the load, apart where possible.

pytest-benchmark times a plain function; given a coroutine function it would time the making of a
coroutine. So the loop is owned here, and what is timed is a whole round run to its end on it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Self, TypeVar

import msgspec

from lab.chat.events import RoomEvent
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.contract import (
    Address,
    Capability,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Transport,
)
from lab.load.fleet import Fleet
from lab.load.profiles import Profile
from lab.load.texts import incompressible
from lab.measure.process import CorePlan, CpuMeter, Meter, pin
from lab.measure.server import ServerProcess
from lab.measure.twins import original
from lab.service import ChatService

DYING_S = 1.0
"""How long a failure waits to see whether the server's end was its cause."""

T = TypeVar("T")


class Stage:
    """One wire, served and ready to be loaded. A context manager.

    `origin`: of the page that may load it; None: it is loaded from this process.
    """

    def __init__(
        self,
        wire: Transport,
        settings: Settings,
        profile: Profile,
        cores: CorePlan,
        planted_ns: int = 0,
        origin: str | None = None,
    ) -> None:
        self.wire = wire
        self._planted_ns = planted_ns
        self._origin = origin
        self.profile = profile
        self.options = ConnectOptions(settings=settings)
        self._settings = settings
        self.cores = cores
        self._runner = asyncio.Runner()
        self._process: ServerProcess | None = None
        self._inside: AbstractAsyncContextManager[Any] | None = None
        self.address = Address("")
        self._cores_before: set[int] = set()
        self._seed = itertools.count()

    def __enter__(self) -> Self:
        self._cores_before = os.sched_getaffinity(0)
        pin(os.getpid(), self.cores.load)
        if Capability.SOCKET in self.wire.capabilities:
            self._start_process()
        else:
            self._start_inside()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.__exit__(None, None, None)
        if self._inside is not None:
            self.run(self._inside.__aexit__(None, None, None))
        self._runner.close()
        pin(os.getpid(), self._cores_before)

    def _start_process(self) -> None:
        arguments = ["--settings", self._settings, "--unpaced"]
        if self._planted_ns:
            arguments += ["--planted-slowdown", str(self._planted_ns)]
        if self._origin is not None:
            arguments += ["--origin", self._origin]
        process = ServerProcess(original(self.wire.name), arguments)
        self._process = process.__enter__()
        pin(process.pid, self.cores.server)
        self.address = msgspec.convert(process.ready, Address)

    def _start_inside(self) -> None:
        """A wire without a socket shares the load's process, and its CPU."""
        chat = ChatService(Rooms(UNPACED))
        self._inside = self.wire.serve(chat, ServeOptions(settings=self._settings))
        self.address = self.run(self._inside.__aenter__()).address

    def run(self, work: Awaitable[T]) -> T:
        """Run to its end on the load's loop.

        Raises:
            ServerDiedError: it failed because the server is gone.
        """

        async def whole() -> T:
            return await work

        try:
            return self._runner.run(whole())
        except Exception:
            self.check(within_s=DYING_S)
            raise

    def check(self, within_s: float = 0) -> None:
        """Raise ServerDiedError where the server is gone, or goes `within_s`."""
        if self._process is not None:
            self._process.check(within_s)

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open one connection to the server."""
        return await self.wire.connect(self.address.url, on_event, self.options)

    @contextmanager
    def room(self, name: str, listeners: list[Callable[[RoomEvent], None]]) -> Iterator[Fleet]:
        """A room full of connections, one for each listener."""
        fleet = Fleet(self.connect, name, listeners)
        self.run(fleet.__aenter__())
        try:
            yield fleet
        finally:
            self.run(fleet.__aexit__(None, None, None))

    def texts(self, count: int, size_bytes: int | None = None) -> list[str]:
        """New texts (default: of the profile's size), different from all earlier ones here."""
        return incompressible(size_bytes or self.profile.payload_bytes, count, next(self._seed))

    @property
    def server_pid(self) -> int | None:
        """The process that serves; None where it is this one."""
        return self._process.pid if self._process else None

    def meter(self, workers: Sequence[int] = ()) -> CpuMeter:
        """A meter for this process, further ones of the load, and the server's where it has one."""
        return CpuMeter(os.getpid(), self.server_pid, workers)

    def round_meter(self) -> Meter:
        """A meter for what a round uses, whoever loads."""
        return self.meter()
