"""What does a connection that does nothing weigh in the server?

Resident memory of a fresh server before and after, divided by the connections. They are opened by a
process of its own and only connected; then, where the profile says so, each joins a small room.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.tally import VOID, Tally
from lab.contract import Capability, ConnectOptions, Settings, Transport
from lab.load.idle import Crowd, fitting
from lab.load.profiles import CostSizes, Profile
from lab.measure.descriptors import TooFewDescriptorsError, limit_of, raise_limit
from lab.measure.memory import settled_rss_bytes
from lab.measure.process import CorePlan, pin
from lab.measure.server import ServerProcess

FIRST = 20
"""Connections before the first reading: what a server loads and makes for its first ones is not
what another one weighs."""
ROOM_SIZE = 10


@pytest.mark.needs(Capability.SOCKET)
def test_idle(
    benchmark: BenchmarkFixture,
    wire: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
) -> None:
    """Server memory for each of many idle connections."""
    sizes = profile.cost
    try:
        count = fitting(wire, sizes.memory_connections, raise_limit())
    except TooFewDescriptorsError as error:
        pytest.fail(f"{VOID} {error}")
    benchmark.group = f"memory: {count} idle connections (not a timing)"
    work = (wire, settings, sizes, count, cores)
    detail = benchmark.pedantic(_weigh, args=work, rounds=1)
    tally = Tally()
    tally.expected, tally.delivered = detail["connections"], detail["alive"]
    info = tally.info(wire.name, experiment="memory", measure="idle_memory")
    wanted = {"wanted": sizes.memory_connections}
    benchmark.extra_info.update(info, detail={**wanted, **detail})
    tally.check()


def _weigh(
    wire: Transport, settings: Settings, sizes: CostSizes, count: int, cores: CorePlan
) -> dict[str, Any]:
    arguments, options = ["--settings", settings, "--unpaced"], ConnectOptions(settings=settings)
    with Crowd(wire, options) as crowd, ServerProcess(wire.name, arguments) as server:
        pin(server.pid, cores.server)
        pin(crowd.pid, cores.load)
        assert limit_of(server.pid) == limit_of(None), "a child has the limits of its parent"
        first = crowd.open(server.url, FIRST, sizes.opening_s)
        before = settled_rss_bytes(server.pid)
        begun = time.monotonic()
        opened = crowd.open(server.url, count, sizes.opening_s) - first
        seconds = time.monotonic() - begun
        connected = settled_rss_bytes(server.pid)
        joined = None
        if sizes.memory_joins:
            crowd.join(ROOM_SIZE)
            joined = settled_rss_bytes(server.pid)
        found = {
            "connections": opened,
            "alive": crowd.alive() - first,
            "seconds": seconds,
            "before_bytes": before,
            "connected_bytes": connected,
            "joined_bytes": joined,
        }
        server.check()
        server.abandon()
        return found
