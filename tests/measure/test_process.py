"""CPU, memory and cores, on real processes."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.measure import process
from lab.measure.process import CpuMeter, CpuUse, plan_cores, saturated

SLEEPER = "import sys; print('ready', flush=True); sys.stdin.read()"
HELPED = """
import sys, threading
helper = threading.Thread(target=sys.stdin.readline)
helper.start()
print(helper.native_id, flush=True)
helper.join()
later = threading.Thread(target=sys.stdin.readline)
later.start()
print(later.native_id, flush=True)
later.join()
"""


@pytest.fixture
def sleeper() -> Iterator[int]:
    child = subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout and child.stdout.readline() == b"ready\n"
    yield child.pid
    child.communicate(timeout=10)


@pytest.fixture
def gone() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait(timeout=30)
    return child.pid


def burn(cpu_ns: int) -> None:
    begun = process.cpu_ns(os.getpid())
    while process.cpu_ns(os.getpid()) - begun < cpu_ns:
        sum(range(1_000))


def test_cpu_time_agrees_with_what_the_scheduler_accounts(sleeper: int) -> None:
    tasks = Path(f"/proc/{sleeper}/task").glob("*/schedstat")
    accounted = sum(int(task.read_text().split()[0]) for task in tasks)
    assert process.cpu_ns(sleeper) == pytest.approx(accounted, rel=0.05)


def test_the_cpu_time_of_a_thread_that_ended_still_counts() -> None:
    before = process.cpu_ns(os.getpid())
    thread = threading.Thread(target=burn, args=(30_000_000,))
    thread.start()
    thread.join()
    assert process.cpu_ns(os.getpid()) - before >= 30_000_000


def test_without_cpu_clocks_ticks_are_read_and_their_resolution_stated(
    monkeypatch: pytest.MonkeyPatch, sleeper: int
) -> None:
    exact = process.cpu_ns(sleeper)
    monkeypatch.setattr(process, "_has_cpu_clocks", lambda: False)
    resolution = process.cpu_resolution_ns()
    assert resolution >= 1_000_000
    assert abs(process.cpu_ns(sleeper) - exact) <= 2 * resolution


def test_a_process_that_is_gone_is_said_to_be(gone: int) -> None:
    for read in (process.cpu_ns, process.rss_bytes):
        with pytest.raises(ProcessLookupError, match=str(gone)):
            read(gone)


def test_memory_grows_by_what_is_held(sleeper: int) -> None:
    before = process.rss_bytes(os.getpid())
    # A mapping of its own: what the heap has freed earlier would be resident already.
    held = mmap.mmap(-1, 50_000_000)
    held.write(bytes(50_000_000))
    assert process.rss_bytes(os.getpid()) - before > 40_000_000
    del held
    assert process.rss_bytes(sleeper) > 1_000_000


def test_pinning_binds_the_main_thread_and_what_it_starts_later() -> None:
    before = os.sched_getaffinity(0)
    cpus = {min(before)}
    with subprocess.Popen(
        [sys.executable, "-c", HELPED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin and child.stdout
        helper = int(child.stdout.readline())
        process.pin(child.pid, cpus)
        assert os.sched_getaffinity(child.pid) == cpus
        assert os.sched_getaffinity(helper) == before
        print(file=child.stdin, flush=True)
        assert os.sched_getaffinity(int(child.stdout.readline())) == cpus
        print(file=child.stdin, flush=True)


def test_pinning_a_process_that_is_gone_is_an_error(gone: int) -> None:
    with pytest.raises(ProcessLookupError):
        process.pin(gone, {min(os.sched_getaffinity(0))})


def test_pinning_to_no_cpu_is_refused(sleeper: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        process.pin(sleeper, set())


def test_two_cores_are_given_one_to_each() -> None:
    plan = plan_cores({4, 9})
    assert plan.apart
    assert plan.server | plan.load == {4, 9}
    assert not plan.server & plan.load
    assert "server on cpu 4" in str(plan)


def test_hyperthreads_of_one_core_are_not_set_against_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "_siblings", lambda cpu: frozenset({0, 1}))
    assert plan_cores({0, 1, 2}).load == {2}
    assert plan_cores({0, 1}).load == {1}


def test_further_processes_of_the_load_leave_the_servers_core_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "_siblings", lambda cpu: frozenset({cpu, cpu ^ 1}))
    plan = plan_cores(range(8))
    assert plan.server == {0}
    assert plan.load == {2}
    assert plan.further == (3, 4, 5, 6, 7)
    assert plan_cores({0, 1}).further == plan_cores({0}).further == ()


def test_one_core_is_shared_and_says_so() -> None:
    plan = plan_cores({3})
    assert not plan.apart
    assert plan.server == plan.load == {3}
    assert "share" in str(plan)


def test_the_plan_keeps_to_what_this_process_may_use() -> None:
    plan = plan_cores()
    assert plan.server | plan.load <= os.sched_getaffinity(0)
    with pytest.raises(ValueError, match="no cpu"):
        plan_cores(set())


def test_the_meter_sees_who_worked(sleeper: int) -> None:
    meter = CpuMeter(os.getpid(), sleeper)
    meter.start()
    burn(50_000_000)
    use = meter.stop()
    assert use.load_cpu_ns >= 50_000_000
    assert use.server_cpu_ns is not None and use.server_cpu_ns < 10_000_000
    assert use.wall_ns > 0
    assert use.server_share is not None and use.server_share < use.load_share


def test_what_each_process_of_the_load_used_adds_up(sleeper: int) -> None:
    meter = CpuMeter(os.getpid(), None, [sleeper])
    meter.start()
    burn(20_000_000)
    use = meter.stop()
    assert use.busiest_ns is not None
    assert 20_000_000 <= use.busiest_ns <= use.load_cpu_ns
    assert use.busiest_share == use.busiest_ns / use.wall_ns


def test_a_load_is_saturated_where_one_of_its_processes_is() -> None:
    assert CpuUse(100, 130, 50, 95).saturated == "load"
    assert CpuUse(100, 130, 50, 65).saturated == "neither"
    assert CpuUse(100, 95, 50).saturated == "load"


def test_the_meter_without_a_server_knows_no_side() -> None:
    meter = CpuMeter(os.getpid())
    meter.start()
    use = meter.stop()
    assert use.server_cpu_ns is None
    assert use.server_share is None
    assert use.saturated == "unknown"


def test_a_meter_is_started_before_it_is_stopped() -> None:
    with pytest.raises(RuntimeError, match="started"):
        CpuMeter(os.getpid()).stop()


@pytest.mark.parametrize(
    ("server", "load", "side"),
    [
        (0.95, 0.5, "server"),
        (0.5, 0.9, "load"),
        (0.9, 0.9, "both"),
        (0.89, 0.89, "neither"),
        (None, 0.99, "unknown"),
        (None, 0.1, "unknown"),
    ],
)
def test_who_is_saturated(server: float | None, load: float, side: str) -> None:
    assert saturated(server, load) == side
