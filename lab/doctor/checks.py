"""What is looked at, and how it is judged: one short function for each thing."""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from lab.relay.units import format_bytes, format_duration

State = Literal["ok", "warn", "missing", "impossible"]
"""warn: figures get noisy or wrong. missing: some of them can't be had. impossible: none can."""

BUSY_CORES = 0.1
"""Of a core, used by other programs: a pass takes a few seconds, in which this is visible."""
STEAL_SHARE = 0.01
MEMORY_BYTES = 1_000_000_000
"""What a full run takes: the servers, the load and the figures of ten thousand connections."""
SLOW_CLOCK_NS = 500
"""A reading that is a system call takes more; one by the vDSO takes 20 to 60 ns."""
GOOD_CLOCKS = ("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter")
"""Those that a process reads without a system call."""


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at. `remedy`: the command that helps, "" where there is none."""

    name: str
    state: State
    found: str
    remedy: str = ""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine looks like. None: this system does not say.

    `others_cores`: what other programs used while it was watched, `busiest` the first of them.
    `steal_share`: of the time of all cores, what a hypervisor took. `quota_cores`: what a container
    may use. `descriptors`: the hard limit. `clock_read_ns`: what one reading of the clock takes.
    `slowed_by`: what makes this Python slow, such as a tracer. `results`: why the folder can't be
    written to, "" if it can.
    """

    others_cores: float
    busiest: tuple[str, ...]
    steal_share: float
    cores: int
    usable_cores: int
    usable_physical_cores: int | None
    quota_cores: float | None
    governors: tuple[str, ...]
    clock_source: str | None
    clock_read_ns: float
    descriptors: int
    descriptors_needed: int
    memory_available: int
    swap_used: int
    on_battery: bool
    python: str
    implementation: str
    slowed_by: tuple[str, ...]
    results: str


def other_load(machine: Machine) -> Check:
    """Other programs on the cores of a run."""
    found = f"other programs use {machine.others_cores:.2f} cores"
    if machine.others_cores < BUSY_CORES:
        return Check("other load", "ok", found)
    names = f": {', '.join(machine.busiest)}" if machine.busiest else ""
    return Check("other load", "warn", found + names, "ps -eo pid,pcpu,args --sort=-pcpu | head")


def steal(machine: Machine) -> Check:
    """CPU that a hypervisor gives to other machines."""
    found = f"a hypervisor takes {100 * machine.steal_share:.1f} % of the CPU"
    remedy = "" if machine.steal_share < STEAL_SHARE else "use a machine of your own"
    return Check("hypervisor", "warn" if remedy else "ok", found, remedy)


def cores(machine: Machine) -> Check:
    """Server and load each need a core."""
    found = f"{machine.usable_cores} of {machine.cores} cores may be used"
    remedy = f"taskset -pc 0-{machine.cores - 1} $$"
    if machine.usable_cores < 2:
        text = f"{found}: server and load share it, and their costs can't be told apart"
        return Check("cores", "warn", text, remedy if machine.cores > 1 else "use a larger machine")
    if machine.usable_physical_cores == 1:
        text = f"{found}, and they are threads of one physical core"
        return Check("cores", "warn", text, remedy if machine.cores > 2 else "use a larger machine")
    return Check("cores", "ok", found)


def quota(machine: Machine) -> Check:
    """A container's limit stops a busy process in the middle of a measurement."""
    if machine.quota_cores is None:
        return Check("CPU quota", "ok", "no limit by a container")
    found = f"a container may use {machine.quota_cores:g} cores"
    if machine.quota_cores >= machine.usable_cores:
        return Check("CPU quota", "ok", found)
    text = f"{found} and is stopped beyond that"
    return Check("CPU quota", "warn", text, f"docker update --cpus {machine.usable_cores} NAME")


def governor(machine: Machine) -> Check:
    """A clock speed that follows the load makes a server slower when it has less to do."""
    slow = [name for name in machine.governors if name != "performance"]
    if not machine.governors:
        return Check("CPU governor", "ok", "this system has none to choose")
    if not slow:
        return Check("CPU governor", "ok", "performance")
    text = f"{', '.join(slow)}: the clock speed changes with the load"
    return Check("CPU governor", "warn", text, "sudo cpupower frequency-set -g performance")


def power(machine: Machine) -> Check:
    """A machine saves energy where it runs on its battery."""
    if machine.on_battery:
        return Check("power", "warn", "on battery", "plug it in")
    return Check("power", "ok", "not on battery")


def clock(machine: Machine) -> Check:
    """Every measurement reads the clock; one that is a system call disturbs what it measures."""
    source = machine.clock_source
    found = f"{source or 'unknown source'}, {format_duration(machine.clock_read_ns)} a reading"
    if source in (None, *GOOD_CLOCKS) and machine.clock_read_ns < SLOW_CLOCK_NS:
        return Check("clock", "ok", found)
    folder = "/sys/devices/system/clocksource/clocksource0"
    remedy = f"echo tsc | sudo tee {folder}/current_clocksource"
    return Check("clock", "warn", found, remedy)


def descriptors(machine: Machine) -> Check:
    """Each connection of a benchmark needs one."""
    found = f"{machine.descriptors:,} for each process"
    if machine.descriptors >= machine.descriptors_needed:
        return Check("file descriptors", "ok", found)
    text = f"{found}; the full profile needs {machine.descriptors_needed:,}"
    return Check("file descriptors", "warn", text, f"ulimit -n {machine.descriptors_needed}")


def memory(machine: Machine) -> Check:
    """Without memory left the system swaps, or ends a process."""
    found = f"{format_bytes(machine.memory_available)} free"
    if machine.memory_available >= MEMORY_BYTES:
        return Check("memory", "ok", found)
    return Check("memory", "warn", found, "ps -eo pid,rss,args --sort=-rss | head")


def swap(machine: Machine) -> Check:
    """A page that comes back from the disk takes milliseconds."""
    if not machine.swap_used:
        return Check("swap", "ok", "nothing is swapped out")
    text = f"{format_bytes(machine.swap_used)} are swapped out"
    return Check("swap", "warn", text, "sudo swapoff -a && sudo swapon -a")


def python(machine: Machine) -> Check:
    """What makes all figures of servers in Python slower than they are."""
    found = f"{machine.implementation} {machine.python}"
    if machine.slowed_by:
        text = f"{found}, slowed by {', '.join(machine.slowed_by)}"
        return Check("Python", "warn", text, "env -u PYTHONDEVMODE -u PYTHONASYNCIODEBUG lab bench")
    return Check("Python", "ok", found)


def results(machine: Machine) -> Check:
    """A run is written there while it goes on."""
    if machine.results:
        return Check("results", "impossible", machine.results, "lab bench --results FOLDER")
    return Check("results", "ok", "the folder can be written to")


CHECKS: tuple[Callable[[Machine], Check], ...] = (
    other_load,
    steal,
    cores,
    quota,
    governor,
    power,
    clock,
    descriptors,
    memory,
    swap,
    results,
    python,
)
"""What disturbs a run, in the order of the table."""


def tool(name: str, found: str, reason: str | None) -> Check:
    """A program or a package. `reason`: why it is missing and, after a colon, what to install."""
    if reason is None:
        return Check(name, "ok", found)
    problem, _, remedy = reason.partition(": ")
    return Check(name, "missing", problem, remedy)


def transports(reasons: Mapping[str, str | None]) -> list[Check]:
    """The transports that can run; each group of others with what it lacks."""
    able = [name for name, reason in reasons.items() if reason is None]
    lacking: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        if reason is not None:
            lacking.setdefault(reason, []).append(name)
    state: State = "ok" if able else "impossible"
    found = Check("transports", state, f"{len(able)} of {len(reasons)} can run")
    return [found, *(tool(", ".join(names), "", reason) for reason, names in lacking.items())]
