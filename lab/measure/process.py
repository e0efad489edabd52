"""CPU time, memory and cores of the server's and the load's processes.

The cost of a transport is CPU per delivery. A figure belongs to the side that ran out of CPU.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import psutil

from lab.measure.clock import now_ns

Side = Literal["server", "load", "both", "neither", "unknown"]

SATURATED_SHARE = 0.9
"""From this share of one core on, a side counts as saturated. asyncio uses at most one core."""


def cpu_ns(pid: int) -> int:
    """CPU time of the process in ns, user and system, including threads that have ended.

    For its resolution see `cpu_resolution_ns`. Raises ProcessLookupError if there is no such
    process.
    """
    try:
        return time.clock_gettime_ns(_cpu_clock(pid)) if _has_cpu_clocks() else _psutil_cpu_ns(pid)
    except (OSError, psutil.NoSuchProcess) as error:
        raise ProcessLookupError(f"no process {pid} to read the CPU time of") from error


def cpu_resolution_ns() -> int:
    """The resolution of `cpu_ns`: 1 ns by the kernel's CPU clock, else a clock tick (10 ms)."""
    return 1 if _has_cpu_clocks() else 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def rss_bytes(pid: int) -> int:
    """Resident memory of the process. Raises ProcessLookupError if there is none."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(f"no process {pid} to read the memory of") from error


def pin(pid: int, cpus: Collection[int]) -> None:
    """Bind the main thread of the process, which runs its event loop, to `cpus`.

    Threads that it starts from now on inherit this. Existing threads stay free. In Python they are
    idle. In Node they collect garbage and compile, and must not compete with the event loop's core.

    Raises ValueError for no cpus, ProcessLookupError or OSError as the kernel does.
    """
    if not cpus:
        raise ValueError("a process needs at least one cpu to run on")
    os.sched_setaffinity(pid, cpus)


@dataclass(frozen=True, slots=True)
class CorePlan:
    """The cores of the server and of the load. `apart`: each has its own.

    `further`: remaining cores. A load that can be divided may run one more process on each.
    """

    server: frozenset[int]
    load: frozenset[int]
    apart: bool
    further: tuple[int, ...] = ()

    def __str__(self) -> str:
        if self.apart:
            return f"server on cpu {_listed(self.server)}, load on cpu {_listed(self.load)}"
        return f"server and load share cpu {_listed(self.server)}: their costs can't be told apart"


def plan_cores(available: Collection[int] | None = None) -> CorePlan:
    """Choose cores for server and load from `available` (default: those this process may use).

    With two or more cores, each side gets one, on different physical cores if possible: two
    hyperthreads of one core slow each other down. The load may use the others, except the
    hyperthreads of the server's core, which stay idle.
    """
    cpus = sorted(os.sched_getaffinity(0) if available is None else available)
    if not cpus:
        raise ValueError("there is no cpu to run on")
    first, rest = cpus[0], cpus[1:]
    if not rest:
        return CorePlan(frozenset(cpus), frozenset(cpus), apart=False)
    other, *further = [cpu for cpu in rest if cpu not in _siblings(first)] or rest[:1]
    return CorePlan(frozenset({first}), frozenset({other}), apart=True, further=tuple(further))


@dataclass(frozen=True, slots=True)
class CpuUse:
    """The CPU used between start and stop. Shares are of one core: 1.0 is one busy core.

    `busiest_ns`: what the busiest of the load's processes used; None if there is one.
    """

    wall_ns: int
    load_cpu_ns: int
    server_cpu_ns: int | None
    busiest_ns: int | None = None

    @property
    def load_share(self) -> float:
        return self.load_cpu_ns / self.wall_ns

    @property
    def server_share(self) -> float | None:
        return None if self.server_cpu_ns is None else self.server_cpu_ns / self.wall_ns

    @property
    def busiest_share(self) -> float:
        """The share of the busiest process of the load."""
        return (self.load_cpu_ns if self.busiest_ns is None else self.busiest_ns) / self.wall_ns

    @property
    def saturated(self) -> Side:
        # A message is complete when all processes have it, so one without CPU left delays the whole
        # load.
        return saturated(self.server_share, self.busiest_share)


class Meter(Protocol):
    """Measures CPU between `start` and `stop`. A second `start` begins again."""

    def start(self) -> None: ...

    def stop(self) -> CpuUse: ...


class CpuMeter:
    """CPU and wall time between `start()` and `stop()`, of the load and, if given, of the server.

    `workers`: further processes of the load.
    """

    def __init__(
        self, load_pid: int, server_pid: int | None = None, workers: Sequence[int] = ()
    ) -> None:
        self.load_pid = load_pid
        self.server_pid = server_pid
        self._workers = workers
        self._begun: tuple[int, list[int], int | None] | None = None

    def start(self) -> None:
        """Begin, or begin again. Raises ProcessLookupError if a process is gone."""
        self._begun = self._read()

    def stop(self) -> CpuUse:
        """What was used since `start`. Raises RuntimeError if there was none."""
        if self._begun is None:
            raise RuntimeError("a CpuMeter is started before it is stopped")
        wall, load, server = self._begun
        wall_end, load_end, server_end = self._read()
        used = None if server is None or server_end is None else server_end - server
        each = [end - begun for begun, end in zip(load, load_end, strict=True)]
        busiest = max(each) if self._workers else None
        return CpuUse(max(wall_end - wall, 1), sum(each), used, busiest)

    def _read(self) -> tuple[int, list[int], int | None]:
        server = None if self.server_pid is None else cpu_ns(self.server_pid)
        return now_ns(), [cpu_ns(pid) for pid in (self.load_pid, *self._workers)], server


def saturated(server_share: float | None, load_share: float) -> Side:
    """The side without CPU left, by its share of one core. Unknown without the server's share.

    For a load in several processes, the busiest one decides.
    """
    if server_share is None:
        return "unknown"
    match server_share >= SATURATED_SHARE, load_share >= SATURATED_SHARE:
        case True, True:
            return "both"
        case True, False:
            return "server"
        case False, True:
            return "load"
    return "neither"


def _cpu_clock(pid: int) -> int:
    """The kernel's CPU clock of a process: what clock_getcpuclockid(3) computes on Linux.

    /proc/<pid>/task/*/schedstat is worse: for a running thread it lags by up to a tick, and it
    forgets the threads that have ended.
    """
    return (~pid << 3) | 2


@cache
def _has_cpu_clocks() -> bool:
    try:
        return time.clock_gettime_ns(_cpu_clock(os.getpid())) > 0
    except OSError:
        return False


def _psutil_cpu_ns(pid: int) -> int:
    times = psutil.Process(pid).cpu_times()
    return int((times.user + times.system) * 1_000_000_000)


def _siblings(cpu: int) -> frozenset[int]:
    """The hyperthreads on the same physical core; none if the kernel doesn't say."""
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    try:
        parts = path.read_text().strip().split(",")
    except OSError:
        return frozenset()
    spans = (part.split("-") for part in parts)
    return frozenset(n for span in spans for n in range(int(span[0]), int(span[-1]) + 1))


def _listed(cpus: Collection[int]) -> str:
    return ", ".join(map(str, sorted(cpus)))
