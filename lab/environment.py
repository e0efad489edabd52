"""Describes the machine and the installed versions of a run, and compares them.

Numbers of unlike machines can't be compared, so every run keeps this description. Host name, user
name and absolute paths are left out, because runs are published.
"""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from lab.measure import clock

LIBRARIES = (
    "aiohttp",
    "click",
    "h11",
    "hdrhistogram",
    "hiredis",
    "matplotlib",
    "msgspec",
    "numpy",
    "orjson",
    "psutil",
    "pytest",
    "pytest-benchmark",
    "python-engineio",
    "python-socketio",
    "redis",
    "scipy",
    "transport-lab",
    "uvloop",
    "websockets",
    "wsproto",
)
"""Packages that take part in a measurement or in its evaluation. Missing ones are left out."""

BUSY_SHARE = 0.3
"""From this load average per core on, the report warns of other programs."""

_DECISIVE = {
    "CPU": ("machine", "cpu"),
    "cores": ("machine", "cores"),
    "usable cores": ("machine", "usable_cores"),
    "system": ("system", "name"),
    "kernel": ("system", "kernel_series"),
    "Python": ("python", "series"),
    "Python implementation": ("python", "implementation"),
}
"""What must be equal in two comparable runs: readable name -> path in the description."""


def describe() -> dict[str, Any]:
    """Describe this machine and installation, as JSON values. Never raises."""
    return {
        "machine": _machine(),
        "system": _system(),
        "python": _python(),
        "libraries": _libraries(),
        "git": _git(Path(__file__).resolve().parents[1]),
        "load_average": list(os.getloadavg()),
        "clock": {
            "name": time.get_clock_info("perf_counter").implementation,
            "resolution_ns": clock.resolution_ns(),
        },
    }


class Difference(NamedTuple):
    """What differs between two runs, in words, and its value in each."""

    name: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.name}: {self.first} against {self.second}"


def unlike(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    """The reasons why two environments can't be compared."""
    pairs = {name: (_at(a, path), _at(b, path)) for name, path in _DECISIVE.items()}
    return [
        Difference(name, str(one), str(two)) for name, (one, two) in pairs.items() if one != two
    ]


def warnings(environment: Mapping[str, Any]) -> list[str]:
    """What makes numbers noisy on this machine, each with advice."""
    return [
        text for text in (_load(environment), _governor(environment), _few(environment)) if text
    ]


def _load(environment: Mapping[str, Any]) -> str | None:
    cores = _at(environment, ("machine", "cores")) or 1
    average = (environment.get("load_average") or [0.0])[0]
    if average / cores < BUSY_SHARE:
        return None
    return (
        f"load average was {average:.2f} on {cores} cores before the first pass: "
        "close other programs and run again"
    )


def _governor(environment: Mapping[str, Any]) -> str | None:
    governor = _at(environment, ("machine", "governor"))
    if governor in (None, "performance"):
        return None
    return (
        f"the CPU governor was {governor}, which changes the clock speed with the load: "
        "set it to performance (cpupower frequency-set -g performance)"
    )


def _few(environment: Mapping[str, Any]) -> str | None:
    if (_at(environment, ("machine", "usable_cores")) or 2) > 1:
        return None
    return "one usable core: server and load share it, and their costs can't be told apart"


def _at(tree: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path; None if an older file does not have it."""
    value: Any = tree
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _machine() -> dict[str, Any]:
    usable = sorted(os.sched_getaffinity(0))
    return {
        "cpu": _cpu_model(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": len(usable),
        "affinity": usable,
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _cpu_model() -> str | None:
    lines = (_read("/proc/cpuinfo") or "").splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or None)


def _system() -> dict[str, Any]:
    release = (
        platform.release()
    )  # not platform.version(), which may name the host that built the kernel
    return {
        "name": platform.system(),
        "distribution": _distribution(),
        "kernel": release,
        "kernel_series": ".".join(release.split(".")[:2]),
    }


def _distribution() -> str | None:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        return None


def _python() -> dict[str, Any]:
    return {
        "version": platform.python_version(),
        "series": ".".join(map(str, sys.version_info[:2])),
        "implementation": platform.python_implementation(),
        "gc_enabled": gc.isenabled(),
        "gc_thresholds": list(gc.get_threshold()),
    }


def _libraries() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _git(root: Path) -> dict[str, Any] | None:
    """The commit, and whether files differ from it. None outside a checkout, or without git.

    Results don't count: a run's own folder is there before this is asked.
    """
    if not (root / ".git").exists():
        return None
    commit = _git_says(root, "rev-parse", "HEAD")
    changed = _git_says(root, "status", "--porcelain", "--", ".", ":(exclude)results")
    return None if commit is None else {"commit": commit, "dirty": bool(changed)}


def _git_says(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None
