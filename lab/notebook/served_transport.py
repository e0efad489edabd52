"""A served transport with a relay in front of it, for notebooks."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from lab.chat.events import RoomEvent
from lab.compression import Compression
from lab.contract import Address, Connection, ConnectOptions, Transport
from lab.load.tapped import through
from lab.measure import collector
from lab.measure.process import CpuMeter, pin, plan_cores
from lab.measure.server import ServerProcess
from lab.relay.relay import Relay
from lab.tls.keys import client_tls
from transports import registry

CORES = plan_cores()
"""Determined at import, because a pinned process sees one core only."""


@dataclass(frozen=True)
class ServedTransport:
    """A served transport, and a relay that taps its bytes and emulates a network."""

    transport: Transport
    server: ServerProcess
    relay: Relay
    options: ConnectOptions
    """How a client connects."""

    @property
    def address(self) -> Address:
        """The address of the server itself, for the raw driver."""
        return msgspec.convert(self.server.ready, Address)

    @property
    def url(self) -> str:
        """The URL of the server itself, without the relay."""
        return self.server.url

    @property
    def port(self) -> int:
        """The port of the server itself, without the relay."""
        return int(self.server.ready["port"])

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open a connection through the relay."""
        url = through(self.url, self.port, self.relay)
        return await self.transport.connect(url, on_event, self.options)

    async def direct(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open a connection without the relay, which would take CPU from the load."""
        return await self.transport.connect(self.url, on_event, self.options)

    def meter(self) -> CpuMeter:
        """Return a meter for the CPU of this process, which is the load, and of the server."""
        return CpuMeter(os.getpid(), self.server.pid)


@asynccontextmanager
async def served(
    name: str, *arguments: str, compression: Compression | None = None
) -> AsyncIterator[ServedTransport]:
    """Serve a transport in its own process on its own core, as the benchmarks do.

    `arguments`: more arguments of `lab serve`. `compression`: of the server and of its clients.
    Raises registry.UnknownTransportError and UnavailableError, and ServerDiedError where the server
    does not start.
    """
    transport = registry.load(name)
    collector.calm()
    compressed = ["--compression", str(compression)] if compression else []
    before = os.sched_getaffinity(0)
    pin(os.getpid(), CORES.load)
    try:
        with (
            ServerProcess(name, ["--unpaced", *compressed, *arguments]) as server,
            client_tls(server.ready["authority"]) as tls,
        ):
            pin(server.pid, CORES.server)
            async with Relay("127.0.0.1", int(server.ready["port"])) as relay:
                options = ConnectOptions(tls=tls, compression=compression)
                yield ServedTransport(transport, server, relay, options)
    finally:
        pin(os.getpid(), before)
