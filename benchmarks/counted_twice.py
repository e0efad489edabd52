"""Times handshakes at several emulated RTTs, and records the slope beside the ledger's count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.tally import Tally, keep
from lab.ledger.ledger import Handshake
from lab.load.profiles import Profile
from lab.measure.figures import Workload
from lab.measure.slope import fit
from lab.relay.relay import Network, Relay

AGREEMENT = 0.3
"""The slope and the ledger may differ by this many round trips, or by as many as the slope's 95 %
interval is wide to that side. If they differ by more, one of them is wrong, or the machine had
other work."""

MS_NS = 1_000_000
CAPTURE_NETWORK = Network(delay_ns=5 * MS_NS)
"""Under this network a handshake's bytes are captured: far enough that what does not wait for an
answer is sent before the answer comes."""

Operation = Callable[[int], Awaitable[list[int]]]
"""So many handshakes through the relay: how long each took, in ns."""


class TwiceCounted(msgspec.Struct, frozen=True):
    """The same handshake, counted in two ways that know nothing of each other.

    `samples_ns`: RTT in ns -> the time of each handshake in ns. `ledgers`: of each captured one.
    """

    samples_ns: dict[int, list[int]]
    ledgers: list[Handshake]


async def by_the_clock(
    relay: Relay, profile: Profile, operation: Operation
) -> dict[int, list[int]]:
    """Time handshakes at each emulated RTT of the profile: RTT in ns -> times in ns."""
    samples: dict[int, list[int]] = {}
    await operation(1)  # fills the pool, and warms up the code
    for rtt_ms in profile.rtts_ms:
        relay.set(Network(delay_ns=rtt_ms * MS_NS // 2))
        samples[rtt_ms * MS_NS] = await operation(profile.handshakes_per_rtt)
    return samples


def record_both(
    benchmark: BenchmarkFixture,
    found: TwiceCounted,
    *,
    transport: str,
    until: str,
    connection: str,
    client: str,
) -> None:
    """Keep both counts, and whether they agree. The detail has the ledger of the median capture."""
    slope = fit(found.samples_ns)
    ledgers = sorted(found.ledgers, key=lambda each: each.round_trips)
    counted = [each.round_trips for each in ledgers]
    tally = Tally()
    tally.samples_ns = [time for times in found.samples_ns.values() for time in times]
    detail = {
        "until": until,
        "connection": connection,
        "samples_ns": {str(rtt): times for rtt, times in found.samples_ns.items()},
        "slope": msgspec.to_builtins(slope),
        "ledger": msgspec.to_builtins(ledgers[len(ledgers) // 2]),
        "counted": counted,
        "agree": not slope.contradicts(counted, AGREEMENT),
    }
    workload = Workload(
        transport=transport,
        experiment="round_trips",
        measure=f"{connection} {until}",
        client=client,
    )
    keep(benchmark, tally.counts(workload, detail))
