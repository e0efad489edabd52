"""Measure what the relay itself adds to a round trip.

One byte goes round through an echo server on loopback, directly and through the relay. Client,
relay and server share one event loop, so the figure lacks the switches between processes that a
real run has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter_ns
from typing import cast

from lab.relay.network import SECOND_NS, Network
from lab.relay.relay import Relay

DELAYS_NS = (0, 5_000_000, 25_000_000, 100_000_000)
WARM_UP_ROUNDS = 5
LONGEST_NS = 2 * SECOND_NS
"""About how long one delay is measured; this bounds its rounds."""


@dataclass(frozen=True, slots=True)
class RelayOverhead:
    """Round trips through the relay at one one-way delay, beside the same without it."""

    delay_ns: int
    rounds: int
    direct_p50_ns: float
    rtt_p50_ns: float
    rtt_p99_ns: float

    @property
    def error_p50_ns(self) -> float:
        """How much longer the median round trip is than the direct one plus twice the delay."""
        return self.rtt_p50_ns - self.direct_p50_ns - 2 * self.delay_ns


async def measure_overhead(
    delays_ns: Sequence[int] = DELAYS_NS, most_rounds: int = 1000
) -> list[RelayOverhead]:
    """One `RelayOverhead` per one-way delay; the default takes about seven seconds."""
    server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        direct_ns = await _round_trips(port, most_rounds)
        return [
            await _measure(port, delay_ns, most_rounds, median(direct_ns)) for delay_ns in delays_ns
        ]


async def _measure(
    port: int, delay_ns: int, most_rounds: int, direct_p50_ns: float
) -> RelayOverhead:
    rounds = most_rounds
    if delay_ns:
        rounds = max(2, min(most_rounds, LONGEST_NS // (2 * delay_ns)))
    async with Relay("127.0.0.1", port, network=Network(delay_ns=delay_ns)) as relay:
        times_ns = await _round_trips(relay.port, rounds)
    p99_ns = quantiles(times_ns, n=100, method="inclusive")[98]
    return RelayOverhead(delay_ns, rounds, direct_p50_ns, median(times_ns), p99_ns)


async def _round_trips(port: int, rounds: int) -> list[int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times_ns = []
    for _ in range(WARM_UP_ROUNDS + rounds):
        start_ns = perf_counter_ns()
        writer.write(b"x")
        await reader.readexactly(1)
        times_ns.append(perf_counter_ns() - start_ns)
    writer.close()
    await writer.wait_closed()
    return times_ns[WARM_UP_ROUNDS:]


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)
