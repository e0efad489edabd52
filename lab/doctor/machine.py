"""Looks at this machine."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from lab.doctor.checks import Machine
from lab.measure import clock
from lab.measure.descriptors import hard_limit
from lab.measure.others import OtherLoad

WATCHED_S = 0.5
"""How long other programs are watched."""
READINGS = 10_000
SYSTEM = Path("/sys/devices/system")
CGROUPS = Path("/sys/fs/cgroup")
BUSIEST = 3
SLOWING = ("PYTHONDEVMODE", "PYTHONASYNCIODEBUG", "PYTHONTRACEMALLOC", "PYTHONMALLOC")
"""Variables that make Python check more than it needs to."""


def look(results: Path, descriptors_needed: int) -> Machine:
    """Describe this machine; takes half a second. Never raises."""
    watching = _Watch()
    time.sleep(WATCHED_S)
    usable = os.sched_getaffinity(0)
    battery = psutil.sensors_battery()
    return Machine(
        others_cores=watching.others.cores(),
        busiest=tuple(watching.busiest()),
        steal_share=watching.steal_share(),
        cores=os.cpu_count() or 1,
        usable_cores=len(usable),
        usable_physical_cores=_physical(usable),
        quota_cores=quota_cores(),
        governors=tuple(sorted(_governors())),
        clock_source=_read(SYSTEM / "clocksource/clocksource0/current_clocksource"),
        clock_read_ns=_clock_read_ns(),
        descriptors=hard_limit(),
        descriptors_needed=descriptors_needed,
        memory_available=psutil.virtual_memory().available,
        swap_used=psutil.swap_memory().used,
        on_battery=battery is not None and battery.power_plugged is False,
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        slowed_by=tuple(_slowed_by(os.environ)),
        results=_unwritable(results),
    )


class _Watch:
    """What the machine does besides this process, from here on."""

    def __init__(self) -> None:
        self.others = OtherLoad()
        self._begun_ns = clock.now_ns()
        self._times = psutil.cpu_times()
        self._used_s = dict(_used_s())

    def busiest(self) -> Iterator[str]:
        """Yield the programs that used most of a core, with what they used."""
        passed_s = (clock.now_ns() - self._begun_ns) / 1e9
        used = {
            process: (now_s - self._used_s.get(process, now_s)) / passed_s
            for process, now_s in _used_s()
            if process.pid != os.getpid()
        }
        for process in sorted(used, key=used.__getitem__, reverse=True)[:BUSIEST]:
            if used[process] >= 0.01:
                yield f"{process.info['name']} (pid {process.pid}) {used[process]:.2f}"

    def steal_share(self) -> float:
        """Return the share of all time that a hypervisor took."""
        now = psutil.cpu_times()
        passed = sum(now) - sum(self._times)
        taken = getattr(now, "steal", 0.0) - getattr(self._times, "steal", 0.0)
        return max(taken, 0.0) / passed if passed > 0 else 0.0


def _used_s() -> Iterator[tuple[psutil.Process, float]]:
    for process in psutil.process_iter(["name", "cpu_times"]):
        if (times := process.info["cpu_times"]) is not None:
            yield process, times.user + times.system


def _physical(usable: set[int]) -> int | None:
    """How many physical cores the usable ones belong to."""
    siblings = {
        _read(SYSTEM / f"cpu/cpu{number}/topology/thread_siblings_list") for number in usable
    }
    return None if None in siblings else len(siblings)


def _governors() -> set[str]:
    found = {_read(path) for path in SYSTEM.glob("cpu/cpu[0-9]*/cpufreq/scaling_governor")}
    return {name for name in found if name}


def quota_cores(root: Path = CGROUPS, own: str | None = None) -> float | None:
    """The least limit of CPU on the way from this process's group to the root; None without one.

    Control groups of version 2 and 1 (Linux, Documentation/admin-guide/cgroup-v2.rst, "cpu.max").
    """
    found: list[float] = []
    for line in (own or _read(Path("/proc/self/cgroup")) or "").splitlines():
        _, controllers, path = line.split(":", 2)
        base = root if not controllers else root / controllers
        if not controllers or "cpu" in controllers.split(","):
            found += _limits(base, path)
    return min(found, default=None)


def _limits(base: Path, path: str) -> Iterator[float]:
    inner = base / path.lstrip("/")
    for folder in (inner, *inner.parents):
        if not folder.is_relative_to(base):
            return
        words = (_read(folder / "cpu.max") or "").split()
        words = words or [
            _read(folder / f"cpu.cfs_{name}_us") or "" for name in ("quota", "period")
        ]
        if len(words) == 2 and all(word.isdecimal() for word in words):
            yield int(words[0]) / int(words[1])


def _clock_read_ns() -> float:
    start_ns = clock.now_ns()
    for _ in range(READINGS):
        clock.now_ns()
    return (clock.now_ns() - start_ns) / READINGS


def _slowed_by(environ: Mapping[str, str]) -> Iterator[str]:
    yield from (name for name in SLOWING if environ.get(name))
    if sys.flags.dev_mode and not environ.get("PYTHONDEVMODE"):
        yield "-X dev"
    if sys.gettrace() is not None or sys.getprofile() is not None:
        yield "a tracer"
    if hasattr(sys, "gettotalrefcount"):
        yield "a debug build"


def _unwritable(folder: Path) -> str:
    """Why a run can't be written there; "" if it can."""
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not existing.is_dir():
        return f"{existing} is no folder"
    return "" if os.access(existing, os.W_OK | os.X_OK) else f"{existing} can't be written to"


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
