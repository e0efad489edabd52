"""If the connections can't all be held, the last step at which all were open counts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from benchmarks import test_memory as module
from benchmarks.test_memory import FIRST, MemorySteps
from lab.contract import ConnectOptions
from lab.load.idle import IdleConnections
from lab.measure.server import ServerProcess
from transports import registry


class Fragile(IdleConnections):
    """Loses its connections, one by one, when there are more than 35 of them."""

    def alive(self) -> int:
        alive = super().alive()
        return alive if alive <= 35 else alive - 1


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP", 10)


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    with ServerProcess("websocket") as server:
        yield server


@pytest.fixture
def idle() -> Iterator[IdleConnections]:
    with IdleConnections(registry.load("websocket"), ConnectOptions()) as idle:
        yield idle


def test_the_memory_is_read_at_every_step(idle: IdleConnections, server: ServerProcess) -> None:
    steps = MemorySteps(idle, server, 30)
    steps.fill(25)
    assert [count for count, _ in steps.readings] == [10, 20, 25]
    assert steps.stopped is None
    assert idle.alive() == FIRST + 25
    assert steps.joined_bytes() is not None


def test_the_last_step_at_which_all_were_open_counts(server: ServerProcess) -> None:
    with Fragile(registry.load("websocket"), ConnectOptions()) as idle:
        steps = MemorySteps(idle, server, 30)
        steps.fill(1000)
    assert [count for count, _ in steps.readings] == [10]
    assert steps.stopped is not None
    assert steps.stopped.startswith("at 20, some were not open")


def test_time_that_is_over_ends_it(idle: IdleConnections, server: ServerProcess) -> None:
    steps = MemorySteps(idle, server, 0.1)
    steps.fill(1000)
    assert steps.readings == []
    assert steps.stopped == "0.1 s are over"


def test_a_failure_of_the_connections_ends_it_with_the_reason(
    idle: IdleConnections, server: ServerProcess
) -> None:
    steps = MemorySteps(idle, server, 30)
    steps.fill(10)
    os.kill(idle.pid, signal.SIGKILL)
    assert steps.joined_bytes() is None
    assert steps.stopped == "the process of the idle connections has ended"
