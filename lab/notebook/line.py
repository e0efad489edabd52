"""A served wire as a notebook has it: under its questions, the relay in front of the server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from lab.chat.events import RoomEvent
from lab.contract import Address, Connection, ConnectOptions, Transport
from lab.load.tapped import through
from lab.measure import collector
from lab.measure.process import CpuMeter, pin, plan_cores
from lab.measure.server import ServerProcess
from lab.wire.relay import Relay
from transports import registry

CORES = plan_cores()
"""Found out once, since whoever is pinned sees one core only."""


@dataclass(frozen=True)
class Line:
    """A served wire, and a relay in front of it that taps bytes and bends the network."""

    wire: Transport
    server: ServerProcess
    relay: Relay

    @property
    def address(self) -> Address:
        """Of the server itself, as the raw driver is given it."""
        return msgspec.convert(self.server.ready, Address)

    @property
    def url(self) -> str:
        """Of the server itself, past the relay."""
        return self.server.url

    @property
    def port(self) -> int:
        """Of the server itself, past the relay."""
        return int(self.server.ready["port"])

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open one connection through the relay."""
        url = through(self.url, self.port, self.relay)
        return await self.wire.connect(url, on_event, ConnectOptions())

    async def direct(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open one connection past the relay: it would take CPU from the load."""
        return await self.wire.connect(self.url, on_event, ConnectOptions())

    def meter(self) -> CpuMeter:
        """CPU of this process, which is the load, and of the server's."""
        return CpuMeter(os.getpid(), self.server.pid)


@asynccontextmanager
async def served(wire: str, *arguments: str) -> AsyncIterator[Line]:
    """Serve a wire in a process of its own, on a core of its own, as the benchmarks do.

    `arguments` are further ones of `lab serve`. Raises registry.UnknownWireError and
    UnavailableError, and ServerDiedError where the server does not get ready.
    """
    transport = registry.load(wire)
    collector.calm()
    before = os.sched_getaffinity(0)
    pin(os.getpid(), CORES.load)
    try:
        with ServerProcess(wire, ["--unpaced", *arguments]) as server:
            pin(server.pid, CORES.server)
            async with Relay("127.0.0.1", int(server.ready["port"])) as relay:
                yield Line(transport, server, relay)
    finally:
        pin(os.getpid(), before)
