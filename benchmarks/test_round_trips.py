"""How many round trips until a client has joined, by the clock and from the bytes?

By the clock: handshakes through the relay at several emulated round-trip times; the slope of time
over RTT is the number of round trips. From the bytes: the ledger of one more handshake. The two
know nothing of each other. Whether they agree is recorded; where they don't, the figures say so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.counted_twice import CAPTURE_NETWORK, TwiceCounted, by_the_clock, record_both
from benchmarks.served_transports import ServedTransport
from lab.contract import Capability, Connection, ConnectOptions
from lab.ledger.ledger import Handshake, ledger
from lab.load.closed_loop import handshakes, times_to_join
from lab.load.fleet import Connect
from lab.load.tapped import Script, converse, through, trace_of
from lab.relay.relay import Relay

Until = Callable[[Connect, int], Awaitable[list[int]]]


async def _join(connect: Connect, count: int) -> list[int]:
    return await times_to_join(connect, "lobby", count)


@pytest.mark.parametrize("until", ["connect", "join"])
def test_new(benchmark: BenchmarkFixture, served: ServedTransport, until: str) -> None:
    """A new TCP connection for each handshake."""
    _count_twice(benchmark, served, until, served.counted_options, "new")


@pytest.mark.needs(Capability.KEPT_ALIVE)
@pytest.mark.parametrize("until", ["connect", "join"])
def test_kept_alive(benchmark: BenchmarkFixture, served: ServedTransport, until: str) -> None:
    """TCP connections that an earlier client has left open."""

    async def pooled(work: Callable[[ConnectOptions], Awaitable[None]]) -> None:
        options = served.counted_options
        async with served.transport.pool(options.tls) as pool:
            await work(msgspec.structs.replace(options, pool=pool))

    _count_twice(benchmark, served, until, served.counted_options, "kept-alive", pooled)


def _count_twice(
    benchmark: BenchmarkFixture,
    served: ServedTransport,
    until: str,
    options: ConnectOptions,
    connection: str,
    pooled: Callable[..., Awaitable[None]] | None = None,
) -> None:
    benchmark.group = f"round trips until {until}, {connection} connections (not a timing)"
    found: list[TwiceCounted] = []

    async def work(options: ConnectOptions) -> None:
        times = await _by_the_clock(served, until, options)
        found.append(TwiceCounted(times, [await _from_the_bytes(served, until, options)]))

    async def run() -> None:
        await (work(options) if pooled is None else pooled(work))

    benchmark.pedantic(lambda: served.run(run()), rounds=1)
    served.check()
    record_both(
        benchmark,
        found[0],
        transport=served.transport.name,
        until=until,
        connection=connection,
        client="library",
    )


async def _by_the_clock(
    served: ServedTransport, until: str, options: ConnectOptions
) -> dict[int, list[int]]:
    """RTT in ns -> the time of each handshake in ns."""
    operation: Until = handshakes if until == "connect" else _join
    async with Relay("127.0.0.1", served.address.port) as relay:

        async def connect(on_event: Any) -> Connection:
            url = through(served.address.url, served.address.port, relay)
            return await served.transport.connect(url, on_event, options)

        return await by_the_clock(relay, served.profile, lambda count: operation(connect, count))


async def _from_the_bytes(
    served: ServedTransport, until: str, options: ConnectOptions
) -> Handshake:
    """The ledger of one handshake. With a pool: of the second one over the same connections."""
    visits = 1 if options.pool is None else 2
    url, port = served.address.url, served.address.port
    capture = await converse(
        served.transport, url, port, Script(), options, network=CAPTURE_NETWORK, visits=visits
    )
    entry = ledger(trace_of(capture, options.tls)).entries[-1]
    counted = entry.connect if until == "connect" else entry.joined
    assert counted is not None, f"the capture of {served.transport.name} shows no handshake"
    return counted
