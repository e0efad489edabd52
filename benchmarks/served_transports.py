"""Serves one transport for a benchmark, and owns the event loop of the load.

pytest-benchmark times a plain function. For a coroutine function it would only time the creation of
the coroutine. So this module owns the loop, and a whole round runs to its end on it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from typing import Any, Self, TypeVar

import msgspec

from benchmarks.over_tls import counted_options, server_arguments, without_keys
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
from lab.link import ADDRESS, Link
from lab.load.fleet import Fleet
from lab.load.profiles import Profile
from lab.load.texts import incompressible
from lab.load.warm_up import warm_up
from lab.measure.process import CorePlan, CpuMeter, Meter, pin
from lab.measure.replicas import original
from lab.measure.server import ServerProcess
from lab.service import ChatService

DYING_S = 1.0
"""How long to wait after a failure, to see whether the server has ended."""

T = TypeVar("T")


class ServedTransport:
    """One transport with a running server. A context manager.

    `origin`: of the page that loads it. None: this process loads it. `python`: the interpreter of
    the environment whose server is measured. None: this one. `link`: the server runs on its
    server's side, and this process on its client's.
    """

    def __init__(
        self,
        transport: Transport,
        settings: Settings,
        profile: Profile,
        cores: CorePlan,
        planted_ns: int = 0,
        origin: str | None = None,
        python: str | None = None,
        link: Link | None = None,
    ) -> None:
        self.transport = transport
        self._python = python
        self._link = link
        self._planted_ns = planted_ns
        self._origin = origin
        self.profile = profile
        self.options = self.counted_options = ConnectOptions(settings=settings)
        """How a client connects; and how it does where its bytes are counted."""
        self._settings = settings
        self.cores = cores
        self._runner = asyncio.Runner()
        self._process: ServerProcess | None = None
        self._keys = ExitStack()
        self._sides = ExitStack()
        self._inside: AbstractAsyncContextManager[Any] | None = None
        self.address = Address("")
        self._cores_before: set[int] = set()
        self._seed = itertools.count()

    def __enter__(self) -> Self:
        self._cores_before = os.sched_getaffinity(0)
        pin(os.getpid(), self.cores.load)
        if self._link is not None:
            self._sides.enter_context(self._link.inside("client"))
        if Capability.SOCKET in self.transport.capabilities:
            self._start_process()
        else:
            self._start_inside()
        return self

    def __exit__(self, *_: object) -> None:
        self._keys.close()
        if self._process is not None:
            self._process.__exit__(None, None, None)
        if self._inside is not None:
            self.run(self._inside.__aexit__(None, None, None))
        self._runner.close()
        self._sides.close()
        pin(os.getpid(), self._cores_before)

    def _start_process(self) -> None:
        name = original(self.transport.name)
        process = ServerProcess(name, self.serve_arguments(), self._python)
        with ExitStack() as there:
            if self._link is not None:
                there.enter_context(self._link.inside("server"))
            self._process = process.__enter__()
        kept = self._keys.enter_context(counted_options(self.transport, self.options, process))
        self.options, self.counted_options = without_keys(kept), kept
        pin(process.pid, self.cores.server)
        self.address = msgspec.convert(process.ready, Address)

    def serve_arguments(self) -> list[str]:
        """The options of `lab serve` for this server."""
        arguments = ["--settings", self._settings, "--unpaced"]
        if self._planted_ns:
            arguments += ["--planted-slowdown", str(self._planted_ns)]
        if self._origin is not None:
            arguments += ["--origin", self._origin]
        if self._link is not None:
            arguments += ["--host", ADDRESS["server"], "--share"]
        return arguments + server_arguments(self.transport)

    def _start_inside(self) -> None:
        """A transport without a socket shares the load's process, and its CPU."""
        chat = ChatService(Rooms(UNPACED))
        self._inside = self.transport.serve(chat, ServeOptions(settings=self._settings))
        self.address = self.run(self._inside.__aenter__()).address

    def run(self, work: Awaitable[T]) -> T:
        """Run an awaitable to its end on the load's loop.

        Raises:
            ServerDiedError: it failed because the server has ended.
        """

        async def whole() -> T:
            return await work

        try:
            return self._runner.run(whole())
        except Exception:
            self.check(within_s=DYING_S)
            raise

    def check(self, within_s: float = 0) -> None:
        """Raise ServerDiedError if the server has ended, or ends `within_s`."""
        if self._process is not None:
            self._process.check(within_s)

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open one connection to the server."""
        return await self.transport.connect(self.address.url, on_event, self.options)

    def warm_up(self) -> None:
        """Warm the server up, where its language compiles as it runs."""
        self.run(warm_up(self.transport, self.address, self.connect))

    @contextmanager
    def room(self, name: str, listeners: list[Callable[[RoomEvent], None]]) -> Iterator[Fleet]:
        """A room with a connection for each listener."""
        fleet = Fleet(self.connect, name, listeners)
        self.run(fleet.__aenter__())
        try:
            yield fleet
        finally:
            self.run(fleet.__aexit__(None, None, None))

    def texts(self, count: int, size_bytes: int | None = None) -> list[str]:
        """New texts (default: of the profile's size), different from all earlier ones."""
        return incompressible(size_bytes or self.profile.payload_bytes, count, self.next_seed())

    def next_seed(self) -> int:
        """A seed for texts that differ from all earlier ones."""
        return next(self._seed)

    @property
    def server_pid(self) -> int | None:
        """The process that serves; None if it is this one."""
        return self._process.pid if self._process else None

    def meter(self, workers: Sequence[int] = ()) -> CpuMeter:
        """A meter for this process, further processes of the load, and the server's process."""
        return CpuMeter(os.getpid(), self.server_pid, workers)

    def round_meter(self) -> Meter:
        """A meter for the CPU of one round."""
        return self.meter()
