"""How many round trips until one is in, counted twice: by the clock and from the bytes?

By the clock: handshakes through the relay at several emulated round-trip times; the slope of time
over RTT is the number of round trips. From the bytes: the ledger of one more handshake. The two
know nothing of each other, and must agree.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.stage import Stage
from benchmarks.tally import Tally
from lab.contract import Capability, Connection, ConnectOptions
from lab.load.closed_loop import handshakes, times_to_join
from lab.load.fleet import Connect
from lab.load.tapped import Script, converse, through
from lab.measure.slope import Slope, fit
from lab.wire.decode import decode
from lab.wire.ledger import Handshake, ledger
from lab.wire.relay import Network, Relay

AGREEMENT = 0.3
"""The slope and the ledger may differ by this many round trips; more, and one of them is wrong."""

MS_NS = 1_000_000

Until = Callable[[Connect, int], Awaitable[list[int]]]


async def _join(connect: Connect, count: int) -> list[int]:
    return await times_to_join(connect, "lobby", count)


@pytest.mark.needs(Capability.SOCKET)
@pytest.mark.parametrize("until", ["connect", "join"])
def test_new(benchmark: BenchmarkFixture, stage: Stage, until: str) -> None:
    """A new TCP connection for each handshake."""
    _count_twice(benchmark, stage, until, stage.options, "new")


@pytest.mark.needs(Capability.SOCKET, Capability.KEPT_ALIVE)
@pytest.mark.parametrize("until", ["connect", "join"])
def test_kept_alive(benchmark: BenchmarkFixture, stage: Stage, until: str) -> None:
    """TCP connections that an earlier client has left open."""

    async def pooled(work: Callable[[ConnectOptions], Awaitable[None]]) -> None:
        async with stage.wire.pool() as pool:
            await work(msgspec.structs.replace(stage.options, pool=pool))

    _count_twice(benchmark, stage, until, stage.options, "kept-alive", pooled)


def _count_twice(
    benchmark: BenchmarkFixture,
    stage: Stage,
    until: str,
    options: ConnectOptions,
    connection: str,
    pooled: Callable[..., Awaitable[None]] | None = None,
) -> None:
    benchmark.group = f"round trips until {until}, {connection} connections (not a timing)"
    found: dict[str, Any] = {}

    async def work(options: ConnectOptions) -> None:
        found["samples"] = await _by_the_clock(stage, until, options)
        found["ledger"] = await _from_the_bytes(stage, until, options)

    async def run() -> None:
        await (work(options) if pooled is None else pooled(work))

    benchmark.pedantic(lambda: stage.run(run()), rounds=1)
    stage.check()
    slope, counted = fit(found["samples"]), found["ledger"]
    _tell(benchmark, stage, until, connection, found["samples"], slope, counted)
    if abs(slope.round_trips - counted.round_trips) > AGREEMENT:
        pytest.fail(
            f"{stage.wire.name}, {until}: {slope.round_trips:.2f} round trips by the clock, "
            f"{counted.round_trips} from the bytes: they must agree within {AGREEMENT}"
        )


async def _by_the_clock(stage: Stage, until: str, options: ConnectOptions) -> dict[int, list[int]]:
    """RTT in ns -> the time of each handshake in ns."""
    samples: dict[int, list[int]] = {}
    operation: Until = handshakes if until == "connect" else _join
    async with Relay("127.0.0.1", stage.address.port) as relay:

        async def connect(on_event: Any) -> Connection:
            url = through(stage.address.url, stage.address.port, relay)
            return await stage.wire.connect(url, on_event, options)

        await operation(connect, 1)  # a pool is filled, and code is warm
        for rtt_ms in stage.profile.rtts_ms:
            relay.set(Network(delay_ns=rtt_ms * MS_NS // 2))
            samples[rtt_ms * MS_NS] = await operation(connect, stage.profile.handshakes_per_rtt)
    return samples


async def _from_the_bytes(stage: Stage, until: str, options: ConnectOptions) -> Handshake:
    """The ledger of one handshake; with a pool, of the second over the same connections."""
    network = Network(delay_ns=5 * MS_NS)
    visits = 1 if options.pool is None else 2
    url, port = stage.address.url, stage.address.port
    tape = await converse(stage.wire, url, port, Script(), options, network=network, visits=visits)
    entry = ledger(decode(tape.chunks, tape.events)).entries[-1]
    counted = entry.connect if until == "connect" else entry.joined
    assert counted is not None, f"the tape of {stage.wire.name} shows no handshake"
    return counted


def _tell(
    benchmark: BenchmarkFixture,
    stage: Stage,
    until: str,
    connection: str,
    samples: dict[int, list[int]],
    slope: Slope,
    counted: Handshake,
) -> None:
    tally = Tally()
    tally.samples_ns = [time for times in samples.values() for time in times]
    detail = {
        "until": until,
        "connection": connection,
        "samples_ns": {str(rtt): times for rtt, times in samples.items()},
        "slope": msgspec.to_builtins(slope),
        "ledger": msgspec.to_builtins(counted),
    }
    info = tally.info(stage.wire.name, experiment="round_trips", measure=f"{connection} {until}")
    benchmark.extra_info.update(info, detail=detail)
