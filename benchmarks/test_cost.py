"""What causes the cost of a delivery: the network, the protocol or the library?

Each transport names two others to compare with: one of the same protocol without a library, and a
limit that only writes. The raw driver measures all of them in interleaved rounds. Chat logic is
measured without a socket. lab/measure/decomposition.py says what is subtracted from what.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.interleaved_servers import InterleavedCosts, measure_interleaved
from benchmarks.tally import VoidError, keep
from lab.contract import Settings, Transport
from lab.load.profiles import Profile
from lab.measure.decomposition import Measured, take_apart
from lab.measure.figures import Workload
from lab.measure.process import CorePlan
from lab.measure.replicas import original
from transports import registry


@pytest.fixture(scope="session")
def interleaved(
    request: pytest.FixtureRequest, settings: Settings, profile: Profile, cores: CorePlan
) -> InterleavedCosts:
    """The requested transports and those to compare with, all measured together."""
    return measure_interleaved(_needed(request.session.items), settings, profile, cores)


def _needed(items: list[pytest.Item]) -> list[str]:
    """The labels of the tests in this file that can run, and those to compare with."""
    ours = (item for item in items if item.path.name == Path(__file__).name)
    tests = [item for item in ours if isinstance(item, pytest.Function)]
    labels = [str(item.callspec.params["transport"]) for item in tests]
    requested = [label for label in labels if _missing(original(label)) is None]
    baselines = [
        baseline
        for label in requested
        for baseline in _compared_with(registry.load(original(label)))
    ]
    return list(dict.fromkeys([*requested, *baselines]))


def _compared_with(transport: Transport) -> tuple[str, str]:
    """The transport of the same protocol without a library, and its limit."""
    assert transport.tuned is not None
    limit = registry.load(transport.tuned).limit_transport
    assert limit is not None, f"{transport.tuned} names no limit"
    return transport.tuned, limit


def _missing(name: str) -> str | None:
    """Why this transport, or one to compare with, can't run here; None if all can."""
    try:
        for each in _compared_with(registry.load(name)):
            registry.load(each)
    except registry.UnavailableError as error:
        return str(error)
    return None


def test_apart(
    benchmark: BenchmarkFixture,
    transport: Transport,
    in_flight: int,
    profile: Profile,
    interleaved: InterleavedCosts,
) -> None:
    """From one member to all; in each round every server of the pass in turn."""
    if reason := _missing(original(transport.name)):
        pytest.skip(f"{transport.name} can't be divided: {reason}")
    count, room = profile.apart.messages[in_flight], profile.apart.room
    benchmark.group = f"cost: {count} messages to {room}, {in_flight} in flight (not a timing)"
    cost = benchmark.pedantic(lambda: interleaved.costs[in_flight][transport.name], rounds=1)
    workload = Workload(
        transport=transport.name,
        experiment="cost",
        measure=f"apart_{in_flight}",
        client="raw",
        room_size=room,
        window=in_flight,
        payload_bytes=profile.payload_bytes,
    )
    keep(benchmark, cost.tally.counts(workload, _detail(interleaved, transport, in_flight)))
    cost.tally.check()
    for baseline in _compared_with(transport):
        lost = interleaved.costs[in_flight][baseline].tally
        if lost.delivered != lost.expected or lost.out_of_order:
            raise VoidError(f"{baseline}, with which it is compared, lost messages")


def _detail(found: InterleavedCosts, transport: Transport, in_flight: int) -> dict[str, Any]:
    costs = found.costs[in_flight]
    tuned, limit = _compared_with(transport)
    measured = Measured(
        whole=costs[transport.name].server_cpu_ns,
        tuned=costs[tuned].server_cpu_ns,
        limit=costs[limit].server_cpu_ns,
        chat=found.chat_ns[in_flight],
    )
    gathered = {name: costs[name].messages_per_write for name in (transport.name, tuned, limit)}
    return {
        "tuned": tuned,
        "floor": limit,
        "measured_ns": msgspec.to_builtins(measured),
        "parts_ns": msgspec.to_builtins(take_apart(measured)),
        "messages_per_write": gathered,
    }
