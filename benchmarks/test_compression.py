"""What does compression save and cost, by kind and size of the text?

A label with a compression is measured beside the same transport without it (`lab bench
--compression`). Bytes and times are never measured together.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.populated_rooms import PopulatedRoom, populated_room
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep, measure
from benchmarks.test_memory import measure_memory
from lab.contract import Settings, Transport
from lab.load.profiles import Profile
from lab.load.tapped_fan_out import tapped_fan_out
from lab.measure.figures import Workload
from lab.measure.figures import compression as figures
from lab.measure.process import CorePlan
from lab.weigh.samples import texts

ROOM = "letters"


@pytest.fixture(scope="session")
def populated(served: ServedTransport) -> Iterator[PopulatedRoom]:
    """One small room for all texts."""
    with populated_room(served, ROOM, served.profile.compression.room, "library") as populated:
        yield populated


def _workload(
    served: ServedTransport, what: str, kind: str, size_bytes: int, room: int
) -> Workload:
    return Workload(
        transport=served.transport.name,
        experiment=figures.EXPERIMENT,
        measure=figures.measure(what, kind),
        client="library",
        room_size=room,
        window=1,
        payload_bytes=size_bytes,
    )


@pytest.mark.parametrize("kind", figures.TEXTS)
@pytest.mark.parametrize("text_bytes", figures.SIZES)
def test_cpu(
    benchmark: BenchmarkFixture, populated: PopulatedRoom, kind: str, text_bytes: int
) -> None:
    """CPU of both sides, and latency, with one message in flight."""
    served = populated.served
    count = served.profile.compression.messages[text_bytes]
    benchmark.group = f"compression: {count} texts of {text_bytes} B, {kind}"

    async def one_round(tally: Tally) -> None:
        made = texts(kind, text_bytes, count, served.next_seed())
        tally.add(await populated.fan_out(made, 1))

    tally = measure(benchmark, served, one_round, rounds=1, meter=populated.meter())
    workload = _workload(served, "texts", kind, text_bytes, populated.size)
    keep(benchmark, tally.counts(workload))
    tally.check()


@pytest.mark.parametrize("kind", figures.TEXTS)
@pytest.mark.parametrize("text_bytes", figures.SIZES)
def test_bytes(
    benchmark: BenchmarkFixture, served: ServedTransport, kind: str, text_bytes: int
) -> None:
    """Bytes of one delivery on the wire, the mean of a few of a connection."""
    sizes = served.profile.compression
    benchmark.group = "compression: bytes behind the relay (not a timing)"
    work = tapped_fan_out(
        served.transport,
        served.address.url,
        served.address.port,
        1,
        texts(kind, text_bytes, sizes.tapped, 0),
        1,
        served.options,
    )
    found = benchmark.pedantic(lambda: served.run(work), rounds=1)
    tally = Tally()
    tally.expected, tally.delivered = sizes.tapped, found.count
    workload = _workload(served, "bytes", kind, text_bytes, 1)
    keep(benchmark, tally.counts(workload, {"cost": msgspec.to_builtins(found.cost)}))
    tally.check()


def test_memory(
    benchmark: BenchmarkFixture,
    transport: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
) -> None:
    """Server memory of a connection that has carried messages in both directions."""
    benchmark.group = "compression: memory of a connection (not a timing)"
    count = profile.compression.connections
    sizes = msgspec.structs.replace(profile.cost, memory_joins=True)
    work = (transport, settings, sizes, count, cores)
    detail = benchmark.pedantic(measure_memory, args=work, rounds=1)
    tally = Tally()
    tally.expected = tally.delivered = detail["connections"]
    workload = Workload(transport=transport.name, experiment=figures.EXPERIMENT, measure="memory")
    keep(benchmark, tally.counts(workload, detail))
