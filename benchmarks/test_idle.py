"""What do a thousand idle connections cost?

Measures CPU over two heartbeats, without a relay, which would be busier than the connections. All
transports idle at the same time: CPU is counted per process, and there is enough for all. The bytes
are those of the heartbeats of one more connection, counted behind the relay in a separate
conversation.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.over_tls import counted_options, without_keys
from benchmarks.tally import Tally, VoidError, keep
from lab.contract import ConnectOptions, Heartbeat, Settings, Transport
from lab.ledger.ledger import ledger
from lab.load.idle import IdleConnections, IdleConnectionsError, fitting
from lab.load.profiles import Profile
from lab.load.tapped import Script, converse, trace_of
from lab.measure.descriptors import TooFewDescriptorsError, raise_limit
from lab.measure.figures import Workload
from lab.measure.process import CorePlan, CpuMeter, CpuUse, pin
from lab.measure.server import ServerProcess
from transports import registry

WINDOW_S = 2 * Heartbeat().interval_s
"""A whole number of heartbeats. In a minute, some connections would have two and some three."""
QUICK_BEAT_S = 1
"""The shortest heartbeat that every transport can keep. The bytes of a heartbeat are the same, and
the figure is computed for the real interval."""
BEATING_S = 2.5


class IdleServer:
    """One transport's server and its idle connections."""

    def __init__(self, transport: Transport, settings: Settings, cores: CorePlan) -> None:
        self.transport = transport
        self._open = ExitStack()
        self._settings = settings
        self._cores = cores
        self.connections = self.alive = 0
        self.use: CpuUse | None = None

    def open_connections(self, count: int, within_s: float) -> None:
        """Start the server and open the connections."""
        arguments = ["--settings", self._settings, "--unpaced"]
        self.server = self._open.enter_context(ServerProcess(self.transport.name, arguments))
        plain = ConnectOptions(settings=self._settings)
        counted = counted_options(self.transport, plain, self.server)
        options = without_keys(self._open.enter_context(counted))
        self.idle = self._open.enter_context(IdleConnections(self.transport, options))
        pin(self.server.pid, self._cores.server)
        pin(self.idle.pid, self._cores.load)
        self.connections = self.idle.open(self.server.url, count, within_s)
        self._meter = CpuMeter(self.idle.pid, self.server.pid)

    def begin(self) -> None:
        """Begin the window."""
        self._meter.start()

    def end(self) -> None:
        """End the window."""
        self.use = self._meter.stop()
        self.alive = self.idle.alive()
        self.server.check()
        self.server.abandon()

    def close(self) -> None:
        """End both processes."""
        self._open.close()


@dataclass(frozen=True)
class IdleWindow:
    """Transport -> its idle_server after the window, or the reason why there was none."""

    idle_servers: dict[str, IdleServer | RuntimeError]
    heartbeats: dict[str, Any]


@pytest.fixture(scope="session")
def window(
    request: pytest.FixtureRequest, settings: Settings, profile: Profile, cores: CorePlan
) -> IdleWindow:
    """One window in which the connections of all requested transports are idle together."""
    transports = [registry.load(name) for name in _asked(request.session.items)]
    found = {
        transport.name: _gathered(transport, settings, profile, cores) for transport in transports
    }
    idle_servers = [one for one in found.values() if isinstance(one, IdleServer)]
    try:
        for each in idle_servers:
            each.begin()
        time.sleep(WINDOW_S if idle_servers else 0)
        for each in idle_servers:
            each.end()
    finally:
        for each in idle_servers:
            each.close()
    return IdleWindow(found, asyncio.run(_heartbeats(transports, settings)))


def _asked(items: list[pytest.Item]) -> list[str]:
    """The transports of the tests in this file that will run and can."""
    ours = [item for item in items if item.path.name == Path(__file__).name]
    names = [
        str(item.callspec.params["transport"]) for item in ours if isinstance(item, pytest.Function)
    ]
    return [name for name in names if _is_available(name)]


def _is_available(name: str) -> bool:
    try:
        registry.load(name)
    except registry.UnavailableError:
        return False  # the test reports it, by the fixture `transport`
    return True


def _gathered(
    transport: Transport, settings: Settings, profile: Profile, cores: CorePlan
) -> IdleServer | RuntimeError:
    idle_server = IdleServer(transport, settings, cores)
    try:
        count = fitting(transport, profile.cost.idle_connections, raise_limit())
        idle_server.open_connections(count, profile.cost.opening_s)
    except (TooFewDescriptorsError, IdleConnectionsError) as error:
        idle_server.close()
        return error
    except BaseException:
        idle_server.close()
        raise
    return idle_server


async def _heartbeats(transports: list[Transport], settings: Settings) -> dict[str, Any]:
    """Label -> the bytes of one idle connection's heartbeats in a minute."""
    costs = await asyncio.gather(*(_heartbeat(transport, settings) for transport in transports))
    return {transport.name: cost for transport, cost in zip(transports, costs, strict=True)}


async def _heartbeat(transport: Transport, settings: Settings) -> Any:
    arguments = ["--settings", settings, "--heartbeat", str(QUICK_BEAT_S), "20"]
    with (
        ServerProcess(transport.name, arguments) as server,
        counted_options(transport, ConnectOptions(settings=settings), server) as options,
    ):
        script = Script(idle_s=BEATING_S)
        capture = await converse(transport, server.url, server.ready["port"], script, options)
        (entry,) = ledger(trace_of(capture, options.tls), Heartbeat().interval_s).entries
    assert entry.heartbeat is not None, f"{transport.name} showed no heartbeat in {BEATING_S} s"
    return msgspec.to_builtins(entry.heartbeat.per_minute)


def test_minute(benchmark: BenchmarkFixture, transport: Transport, window: IdleWindow) -> None:
    """CPU of both sides, and bytes, while no messages are sent."""
    idle_server = window.idle_servers[transport.name]
    if isinstance(idle_server, TooFewDescriptorsError):
        pytest.skip(str(idle_server))
    if isinstance(idle_server, RuntimeError):
        raise VoidError(str(idle_server))
    benchmark.group = (
        f"idle: {idle_server.connections} connections for {WINDOW_S:g} s (not a timing)"
    )
    use = benchmark.pedantic(lambda: idle_server.use, rounds=1)
    tally = Tally()
    tally.uses = [use]
    tally.expected, tally.delivered = idle_server.connections, idle_server.alive
    detail = {
        "connections": idle_server.connections,
        "interval_s": Heartbeat().interval_s,
        "heartbeat": window.heartbeats[transport.name],
    }
    workload = Workload(transport=transport.name, experiment="idle", measure="idle_minute")
    keep(benchmark, tally.counts(workload, detail))
    tally.check()
