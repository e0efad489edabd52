"""What `lab bench` says of file descriptors before it measures: beside bench.py."""

from __future__ import annotations

from collections.abc import Iterator

from lab.cli.plan import Plan
from lab.contract import Capability
from lab.load.idle import warning
from lab.load.profiles import PROFILES
from lab.measure import descriptors
from transports import registry


def shortages(plan: Plan) -> Iterator[str]:
    """What can't be measured in full, one line each, with the command that helps.

    The soft limit is raised to the hard one first, for all processes of the run.
    """
    limit = descriptors.raise_limit()
    sizes = PROFILES[plan.profile].cost
    counts = {"memory": sizes.memory_connections, "idle": sizes.idle_connections}
    for experiment in [name for name in counts if name in plan.experiments]:
        for wire in map(registry.load, plan.wires):
            if Capability.SOCKET in wire.capabilities:
                said = warning(wire, counts[experiment], limit)
                if said is not None:
                    yield f"{experiment}: {said}"
