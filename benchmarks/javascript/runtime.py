"""What runs the client's JavaScript, and the event loop that drives it."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterable
from contextlib import AsyncExitStack
from typing import ClassVar, Self, TypeVar

from benchmarks.javascript.bench import Bench
from lab.contract import Transport
from lab.load.profiles import ClientKind
from lab.measure.process import CorePlan, cpu_ns, pin

START_S = 60.0
"""How long a runtime may take to start on a loaded machine."""

T = TypeVar("T")


class Runtime(ABC):
    """Runs JavaScript on the load's core, for a whole pass. A context manager."""

    client: ClassVar[ClientKind]
    place: ClassVar[str]
    """Where it is, in words."""
    origin: str | None = None
    """The origin of the page that loads the server; None where there is no page."""

    def __init__(self, cores: CorePlan) -> None:
        self._cores = cores
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()

    def __enter__(self) -> Self:
        before = os.sched_getaffinity(0)
        pin(os.getpid(), self._cores.load)  # the processes that it starts inherit it
        try:
            self.run(asyncio.wait_for(self._start(), START_S))
        finally:
            pin(os.getpid(), before)
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._open.aclose())
        self._runner.close()

    def run(self, work: Awaitable[T]) -> T:
        """Run to its end on the runtime's loop."""

        async def whole() -> T:
            return await work

        return self._runner.run(whole())

    def cpu_ns(self) -> dict[int, int]:
        """CPU time of each process, by pid, in ns, without processes that have ended."""
        found = {}
        for pid in self._pids():
            try:
                found[pid] = cpu_ns(pid)
            except ProcessLookupError:
                continue  # it ended between the listing and the reading
        return found

    @abstractmethod
    async def open(self, transport: Transport) -> Bench:
        """A fresh `Bench` for this transport, which shares no connection with earlier ones."""

    @abstractmethod
    async def _start(self) -> None:
        """Start what all benches share."""

    @abstractmethod
    def _pids(self) -> Iterable[int]:
        """The processes that run JavaScript for it."""
