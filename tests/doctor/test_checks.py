"""Each check finds its own fault on an otherwise quiet machine, and names a command."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lab.doctor.checks import CHECKS, Check, Machine, tool, transports

QUIET = Machine(
    others_cores=0.02,
    busiest=(),
    steal_share=0.0,
    cores=4,
    usable_cores=4,
    usable_physical_cores=2,
    quota_cores=None,
    governors=("performance",),
    clock_source="tsc",
    clock_read_ns=40,
    descriptors=1 << 20,
    descriptors_needed=20_256,
    memory_available=8_000_000_000,
    swap_used=0,
    on_battery=False,
    python="3.11.7",
    implementation="CPython",
    slowed_by=(),
    results="",
)


def faults(**changed: Any) -> list[Check]:
    machine = msgspec.structs.replace(QUIET, **changed)
    return [found for check in CHECKS if (found := check(machine)).state != "ok"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"usable_physical_cores": None},
        {"quota_cores": 4.0},
        {"governors": ()},
        {"clock_source": None},
    ],
    ids=lambda changed: " ".join(changed) or "quiet",
)
def test_a_quiet_machine_has_no_fault(changed: dict[str, Any]) -> None:
    assert faults(**changed) == []
    machine = msgspec.structs.replace(QUIET, **changed)
    assert all(check(machine).remedy == "" for check in CHECKS)


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "other load": (
        {"others_cores": 0.5, "busiest": ("vim (pid 3) 0.40",)},
        "vim (pid 3)",
        "ps -eo",
    ),
    "other load of nobody": ({"others_cores": 0.5}, "0.50 cores", "ps -eo"),
    "hypervisor": ({"steal_share": 0.2}, "20.0 %", "a machine of your own"),
    "one core": ({"cores": 1, "usable_cores": 1}, "1 of 1", "larger machine"),
    "one of four": ({"usable_cores": 1}, "1 of 4", "taskset -pc 0-3 $$"),
    "two threads of a core": (
        {"usable_cores": 2, "usable_physical_cores": 1},
        "one physical core",
        "taskset -pc 0-3 $$",
    ),
    "a machine of two threads": (
        {"cores": 2, "usable_cores": 2, "usable_physical_cores": 1},
        "one physical core",
        "larger machine",
    ),
    "quota": ({"quota_cores": 1.5}, "1.5 cores", "docker update --cpus 4 NAME"),
    "governor": ({"governors": ("performance", "powersave")}, "powersave: ", "cpupower"),
    "power": ({"on_battery": True}, "on battery", "plug it in"),
    "clock source": ({"clock_source": "hpet"}, "hpet", "echo tsc"),
    "slow clock": ({"clock_read_ns": 900}, "900 ns", "echo tsc"),
    "descriptors": ({"descriptors": 1024}, "1,024", "ulimit -n 20256"),
    "memory": ({"memory_available": 5_000_000}, "5 MB", "ps -eo"),
    "swap": ({"swap_used": 5_000_000}, "5 MB", "swapoff"),
    "Python": ({"slowed_by": ("PYTHONDEVMODE",)}, "PYTHONDEVMODE", "env -u"),
    "results": ({"results": "/x can't be written to"}, "/x", "--results"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_alone_and_with_a_command(name: str) -> None:
    changed, said, remedy = FAULTS[name]
    (found,) = faults(**changed)
    assert said in found.found
    assert remedy in found.remedy
    assert found.state == ("impossible" if name == "results" else "warn")


def test_what_is_missing_has_the_command_that_installs_it() -> None:
    assert tool("Node", "20.1", None) == Check("Node", "ok", "20.1")
    missing = tool("Node", "", "needs Node 18 or newer: apt-get install nodejs npm")
    assert missing == Check(
        "Node", "missing", "needs Node 18 or newer", "apt-get install nodejs npm"
    )


def test_transports_that_lack_the_same_share_a_row() -> None:
    found = transports({"a": None, "b": "needs x: get x", "c": "needs x: get x", "d": "needs y"})
    assert found == [
        Check("transports", "ok", "1 of 4 can run"),
        Check("b, c", "missing", "needs x", "get x"),
        Check("d", "missing", "needs y"),
    ]
    assert transports({"a": "needs x"})[0].state == "impossible"
