"""What do a thousand connections cost that do nothing?

CPU over two heartbeats, without a relay, which would be busier than they are. All wires idle at the
same time: CPU is counted for each process, and nobody competes for it. The bytes are those of the
heartbeats of one more connection, counted behind the relay in a conversation of its own.
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

from benchmarks.tally import VOID, Tally
from lab.contract import Capability, ConnectOptions, Heartbeat, Settings, Transport
from lab.load.idle import Crowd, CrowdError, fitting
from lab.load.profiles import Profile
from lab.load.tapped import Script, converse
from lab.measure.descriptors import TooFewDescriptorsError, raise_limit
from lab.measure.process import CorePlan, CpuMeter, CpuUse, pin
from lab.measure.server import ServerProcess
from lab.wire.decode import decode
from lab.wire.ledger import ledger
from transports import registry

WINDOW_S = 2 * Heartbeat().interval_s
"""Whole heartbeats: of a minute, some connections would show two beats and some three."""
QUICK_BEAT_S = 1
"""The shortest that every wire can keep: the bytes of a beat are the same, and reckoned with the
real interval."""
BEATING_S = 2.5


class Idler:
    """One wire's server and its idle crowd."""

    def __init__(self, wire: Transport, settings: Settings, cores: CorePlan) -> None:
        self.wire = wire
        self._open = ExitStack()
        self._settings = settings
        self._cores = cores
        self.connections = self.alive = 0
        self.use: CpuUse | None = None

    def gather(self, count: int, within_s: float) -> None:
        """Start the server and open the connections."""
        options = ConnectOptions(settings=self._settings)
        arguments = ["--settings", self._settings, "--unpaced"]
        self.crowd = self._open.enter_context(Crowd(self.wire, options))
        self.server = self._open.enter_context(ServerProcess(self.wire.name, arguments))
        pin(self.server.pid, self._cores.server)
        pin(self.crowd.pid, self._cores.load)
        self.connections = self.crowd.open(self.server.url, count, within_s)
        self._meter = CpuMeter(self.crowd.pid, self.server.pid)

    def begin(self) -> None:
        """The window opens."""
        self._meter.start()

    def end(self) -> None:
        """The window closes."""
        self.use = self._meter.stop()
        self.alive = self.crowd.alive()
        self.server.check()
        self.server.abandon()

    def close(self) -> None:
        """End both processes."""
        self._open.close()


@dataclass(frozen=True)
class Found:
    """Wire -> its idler after the window, or why there was none; wire -> bytes of a minute."""

    idlers: dict[str, Idler | str]
    heartbeats: dict[str, Any]


@pytest.fixture(scope="session")
def window(
    request: pytest.FixtureRequest, settings: Settings, profile: Profile, cores: CorePlan
) -> Found:
    """The one window in which the crowds of all wires that were asked for are idle together."""
    wires = [registry.load(name) for name in _asked(request.session.items)]
    found = {wire.name: _gathered(wire, settings, profile, cores) for wire in wires}
    idlers = [one for one in found.values() if isinstance(one, Idler)]
    try:
        for each in idlers:
            each.begin()
        time.sleep(WINDOW_S if idlers else 0)
        for each in idlers:
            each.end()
    finally:
        for each in idlers:
            each.close()
    return Found(found, asyncio.run(_heartbeats(wires, settings)))


def _asked(items: list[pytest.Item]) -> list[str]:
    """The wires of the tests in this file that will run and can."""
    ours = [item for item in items if item.path.name == Path(__file__).name]
    names = [
        str(item.callspec.params["wire"]) for item in ours if isinstance(item, pytest.Function)
    ]
    return [name for name in names if _is_available(name)]


def _is_available(name: str) -> bool:
    try:
        registry.load(name)
    except registry.UnavailableError:
        return False  # the test itself says so, by the fixture `wire`
    return True


def _gathered(
    wire: Transport, settings: Settings, profile: Profile, cores: CorePlan
) -> Idler | str:
    idler = Idler(wire, settings, cores)
    try:
        count = fitting(wire, profile.cost.idle_connections, raise_limit())
        idler.gather(count, profile.cost.opening_s)
    except (TooFewDescriptorsError, CrowdError) as error:
        idler.close()
        return str(error)
    except BaseException:
        idler.close()
        raise
    return idler


async def _heartbeats(wires: list[Transport], settings: Settings) -> dict[str, Any]:
    """Wire -> what the heartbeats of one idle connection cost in a minute, by label."""
    costs = await asyncio.gather(*(_heartbeat(wire, settings) for wire in wires))
    return {wire.name: cost for wire, cost in zip(wires, costs, strict=True)}


async def _heartbeat(wire: Transport, settings: Settings) -> Any:
    arguments = ["--settings", settings, "--heartbeat", str(QUICK_BEAT_S), "20"]
    with ServerProcess(wire.name, arguments) as server:
        script, options = Script(idle_s=BEATING_S), ConnectOptions(settings=settings)
        tape = await converse(wire, server.url, server.ready["port"], script, options)
    (entry,) = ledger(decode(tape.chunks, tape.events), Heartbeat().interval_s).entries
    assert entry.heartbeat is not None, f"{wire.name} showed no heartbeat in {BEATING_S} s"
    return msgspec.to_builtins(entry.heartbeat.per_minute)


@pytest.mark.needs(Capability.SOCKET, Capability.HEARTBEAT)
def test_minute(benchmark: BenchmarkFixture, wire: Transport, window: Found) -> None:
    """CPU of both sides, and bytes, while nothing is said."""
    idler = window.idlers[wire.name]
    if isinstance(idler, str):
        pytest.fail(f"{VOID} {idler}")
    benchmark.group = f"idle: {idler.connections} connections for {WINDOW_S:g} s (not a timing)"
    use = benchmark.pedantic(lambda: idler.use, rounds=1)
    tally = Tally()
    tally.uses = [use]
    tally.expected, tally.delivered = idler.connections, idler.alive
    detail = {
        "connections": idler.connections,
        "interval_s": Heartbeat().interval_s,
        "heartbeat": window.heartbeats[wire.name],
    }
    info = tally.info(wire.name, experiment="idle", measure="idle_minute")
    benchmark.extra_info.update(info, detail=detail)
    tally.check()
