"""A crowd that can't be held: the last step at which all were open is what counts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from benchmarks import test_memory as module
from benchmarks.test_memory import FIRST, Scales
from lab.contract import ConnectOptions
from lab.load.idle import Crowd
from lab.measure.server import ServerProcess
from transports import registry


class Fragile(Crowd):
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
def crowd() -> Iterator[Crowd]:
    with Crowd(registry.load("websocket"), ConnectOptions()) as crowd:
        yield crowd


def test_every_step_is_weighed(crowd: Crowd, server: ServerProcess) -> None:
    scales = Scales(crowd, server, 30)
    scales.fill(25)
    assert [count for count, _ in scales.steps] == [10, 20, 25]
    assert scales.stopped is None
    assert crowd.alive() == FIRST + 25
    assert scales.joined_bytes() is not None


def test_the_last_step_at_which_all_were_open_counts(server: ServerProcess) -> None:
    with Fragile(registry.load("websocket"), ConnectOptions()) as crowd:
        scales = Scales(crowd, server, 30)
        scales.fill(1000)
    assert [count for count, _ in scales.steps] == [10]
    assert scales.stopped is not None
    assert scales.stopped.startswith("at 20, some were not open")


def test_time_that_is_over_ends_it(crowd: Crowd, server: ServerProcess) -> None:
    scales = Scales(crowd, server, 0.1)
    scales.fill(1000)
    assert scales.steps == []
    assert scales.stopped == "0.1 s are over"


def test_a_crowd_that_fails_ends_it_with_the_reason(crowd: Crowd, server: ServerProcess) -> None:
    scales = Scales(crowd, server, 30)
    scales.fill(10)
    os.kill(crowd.pid, signal.SIGKILL)
    assert scales.joined_bytes() is None
    assert scales.stopped == "the process of the idle connections has ended"
