"""A full room on a stage: in as many processes as it is worth, all of whose CPU is the load's."""

from __future__ import annotations

import os

import psutil
import pytest

from benchmarks.populated_rooms import populated_room
from benchmarks.served_transports import ServedTransport
from lab.load.profiles import PROFILES, Driver
from lab.load.raw.worker import MEMBERS_EACH
from lab.measure.process import CorePlan
from transports import registry

FIRST, *_, LAST = [*os.sched_getaffinity(0)] * 2
PLAN = CorePlan(frozenset({FIRST}), frozenset({LAST}), apart=True, further=(FIRST, LAST))
"""As a machine with more cores has it; what is counted here does not depend on there being any."""
MESSAGES = 20


def workers() -> set[int]:
    """The processes that hold members for this one."""
    children = psutil.Process().children()
    return {child.pid for child in children if "spawn_main" in " ".join(child.cmdline())}


@pytest.mark.parametrize(
    ("driver", "size", "further"),
    [
        ("raw", 2 * MEMBERS_EACH - 1, 0),
        ("raw", 2 * MEMBERS_EACH, 1),
        ("raw", 4 * MEMBERS_EACH, 2),
        ("library", 2 * MEMBERS_EACH, 0),
    ],
)
def test_a_room_is_in_as_many_processes_as_it_is_worth(
    driver: Driver, size: int, further: int
) -> None:
    before = workers()
    with ServedTransport(registry.load("websocket"), "equal", PROFILES["quick"], PLAN) as served:
        with populated_room(served, "room", size, driver) as populated:
            assert len(workers() - before) == further
            meter = populated.meter()
            meter.start()
            found = served.run(populated.fan_out(served.texts(MESSAGES), 4))
            use = meter.stop()
        assert workers() == before
    assert (found.expected, found.lost, found.out_of_order) == (MESSAGES * size, 0, 0)
    assert use.server_cpu_ns is not None
    assert use.load_cpu_ns > (use.busiest_ns or 0) > 0 if further else use.busiest_ns is None
