"""A transport's server and its clients, as a claim measures them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab.chat.events import RoomEvent
from lab.claims._support.packets import packets_sent
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Fleet
from lab.measure.process import CpuMeter
from lab.measure.server import ServerProcess


class Delivered(NamedTuple):
    """What one delivery took: wall time and the server's CPU in ns, and packets both ways."""

    wall_ns: float
    cpu_ns: float
    packets: float


@dataclass
class Served:
    """A server, how its clients connect, and the audience of its room."""

    transport: Transport
    server: ServerProcess
    options: ConnectOptions
    audience: Audience

    async def connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        """Open a connection."""
        return await self.transport.connect(self.server.url, on_event, self.options)

    def fleet(self, room: str) -> Fleet:
        """The audience, which joins this room on entry and is closed on exit."""
        return Fleet(self.connect, room, self.audience.listeners())

    async def deliver(
        self, sender: Connection, room: str, texts: Sequence[str], in_flight: int
    ) -> Delivered:
        """Say each text to the audience. Raises RuntimeError where a delivery is lost."""
        meter = CpuMeter(os.getpid(), self.server.pid)
        before = packets_sent()
        meter.start()
        found = await fan_out(sender, room, self.audience, texts, in_flight)
        use, packets = meter.stop(), packets_sent() - before
        if found.lost or use.server_cpu_ns is None:
            raise RuntimeError(
                f"{self.transport.name}: {found.lost} of {found.expected} deliveries lost"
            )
        each = (use.wall_ns, use.server_cpu_ns, packets)
        return Delivered(*(one / found.delivered for one in each))
