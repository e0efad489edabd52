"""What machine and what versions a run was made on: beside the numbers, in every run's folder.

Numbers of unlike machines can't be compared, and a number whose machine isn't known means nothing.
Host name, user name and absolute paths are left out: a run is made to be published.
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
from typing import Any

import psutil

from lab.measure import clock

LIBRARIES = (
    "aiohttp",
    "click",
    "h11",
    "hdrhistogram",
    "matplotlib",
    "msgspec",
    "numpy",
    "orjson",
    "psutil",
    "pytest",
    "pytest-benchmark",
    "python-engineio",
    "python-socketio",
    "scipy",
    "transport-lab",
    "uvloop",
    "websockets",
    "wsproto",
)
"""What takes part in a measurement or in its evaluation; those not installed are left out."""

BUSY_SHARE = 0.3
"""Load average per core from which on other programs are worth a warning."""

_DECISIVE = {
    "CPU": ("machine", "cpu"),
    "cores": ("machine", "cores"),
    "usable cores": ("machine", "usable_cores"),
    "system": ("system", "name"),
    "kernel": ("system", "kernel_series"),
    "Python": ("python", "series"),
    "Python implementation": ("python", "implementation"),
}
"""What must be equal for two runs to be comparable: name for people -> where it stands."""


def describe() -> dict[str, Any]:
    """This machine and installation, JSON-able. Takes a few milliseconds; never raises."""
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


def unlike(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """What makes two environments incomparable, one line each; empty where nothing does."""
    pairs = {name: (_at(a, path), _at(b, path)) for name, path in _DECISIVE.items()}
    return [f"{name}: {one} against {two}" for name, (one, two) in pairs.items() if one != two]


def warnings(environment: Mapping[str, Any]) -> list[str]:
    """What about the machine makes numbers noisy, each with advice."""
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
    """The value at a path; None where an older file hasn't got it."""
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
    release = platform.release()  # not platform.version(): that may name the host it was built on
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
    """Commit and whether files differ from it; None outside a checkout, or without git."""
    if not (root / ".git").exists():
        return None
    commit, changed = _git_says(root, "rev-parse", "HEAD"), _git_says(root, "status", "--porcelain")
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
