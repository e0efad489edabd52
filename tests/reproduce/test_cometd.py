"""CometD's workload at a tiny scale, on the real polling transport."""

from __future__ import annotations

import gc
import os
import signal

import msgspec
import pytest

from lab.measure.process import CpuUse
from lab.measure.server import ServerDiedError, ServerProcess
from lab.reproduce import cometd, cometd_page
from lab.reproduce.cometd import PUBLISHED, Redone, fds_needed, redo, scaled
from lab.reproduce.responses import Responses
from transports import registry

TINY = 0.01


async def tiny(batches: int = 10) -> Redone:
    transport = registry.load("socketio-polling")
    return await redo(transport, TINY, scaled(TINY, batches), lambda *_: None)


def test_the_published_figures_agree_with_each_other() -> None:
    assert round(PUBLISHED.share * 100, 2) == 39.28
    assert PUBLISHED.workload.members_per_room == 100
    assert PUBLISHED.workload.offered_per_s == 1000
    assert PUBLISHED.pace == pytest.approx(0.919)
    # 10,000 messages to about 100 members, in 10,889 ms.
    assert PUBLISHED.deliveries == pytest.approx(PUBLISHED.workload.messages * 100, rel=0.01)
    assert PUBLISHED.delivered_per_s == pytest.approx(PUBLISHED.deliveries / 10.889, rel=0.001)


def test_scaling_changes_the_clients_only() -> None:
    small = scaled(0.05)
    assert small == msgspec.structs.replace(PUBLISHED.workload, clients=50)
    assert scaled(1) == PUBLISHED.workload
    assert scaled(0.05, 30, 4) == msgspec.structs.replace(small, batches=30, seed=4)
    assert fds_needed(small) < fds_needed(scaled(0.1))


@pytest.mark.parametrize("scale", [0, 0.009, 1.01, -1, float("nan")])
def test_no_scale(scale: float) -> None:
    with pytest.raises(ValueError, match=r"scale must be from 0.01 to 1, not"):
        scaled(scale)


async def test_every_delivery_is_counted_twice_and_the_process_is_left_as_it_was() -> None:
    before = os.sched_getaffinity(0), gc.get_threshold()
    done = await tiny()
    assert (os.sched_getaffinity(0), gc.get_threshold()) == before
    assert done.void == ""
    assert done.outcome.messages == 100
    assert done.outcome.delivered == done.outcome.expected == done.responses.deliveries
    assert done.responses.deliveries_to_others == done.outcome.delivered - 100
    assert 0 < done.responses.share <= 1
    assert 0 < done.pace <= 1
    assert done.use.server_cpu_ns is not None
    assert done.held == (done.pace >= PUBLISHED.pace)
    shown = " ".join(cometd_page.differences(done)) + cometd_page.comparison(done)
    assert f"{done.responses.share_to_others:.1%}" in shown
    assert cometd_page.beside(done).row_count > 15


async def test_counts_that_disagree_void_it() -> None:
    done = await tiny()
    other = msgspec.structs.replace(done, responses=Responses(1, 2, 1, 2))
    assert "the bytes hold 2" in other.void
    assert not other.held
    short = msgspec.structs.replace(done.outcome, delivered=done.outcome.expected - 3)
    assert msgspec.structs.replace(done, outcome=short).void == "3 lost"


async def test_a_pace_that_was_kept_is_said_to_be() -> None:
    done = await tiny()
    fast = msgspec.structs.replace(done.outcome, sending_ns=100 * 10**6)
    assert "kept as well" in cometd_page.comparison(msgspec.structs.replace(done, outcome=fast))
    slow = msgspec.structs.replace(done.outcome, sending_ns=200 * 10**6)
    starved = msgspec.structs.replace(done, outcome=slow, use=CpuUse(100, 50, 50))
    assert "But 50% of the rate" in cometd_page.comparison(starved)
    assert "neither side was out of CPU" in cometd_page.comparison(starved)
    busy = msgspec.structs.replace(starved, use=CpuUse(100, 50, 95))
    assert "(out of CPU: server)" in cometd_page.comparison(busy)


async def test_a_server_that_dies_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[ServerProcess] = []

    class Watched(ServerProcess):
        def __enter__(self) -> Watched:
            started.append(self)
            super().__enter__()
            return self

    monkeypatch.setattr(cometd, "ServerProcess", Watched)

    def kill(what: str, done: int, total: int) -> None:
        if (what, done) == ("batches", 5):
            os.kill(started[0].pid, signal.SIGKILL)

    transport = registry.load("socketio-polling")
    with pytest.raises(ServerDiedError, match="by signal 9"):
        await redo(transport, TINY, scaled(TINY, 200), kill)
