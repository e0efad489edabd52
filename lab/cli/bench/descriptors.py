"""Checks before a run whether there are enough file descriptors."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from lab.cli.bench.plan import Plan
from lab.contract import Capability, Transport
from lab.load.idle import fitting, warning
from lab.load.profiles import PROFILES, STORM
from lab.measure import descriptors
from lab.measure.descriptors import TooFewDescriptorsError
from lab.measure.replicas import original
from transports import registry


def shortages(plan: Plan) -> Iterator[str]:
    """Yield a message for each measurement that can't be complete, with the command that helps.

    First, this raises the soft limit to the hard limit, for all processes of the run.
    """
    limit = descriptors.raise_limit()
    for experiment, connections in _connections_needed(plan):
        for transport in _with_sockets(plan):
            message = warning(transport, connections, limit)
            if message is not None:
                yield f"{experiment}: {message}"


def measurable(plan: Plan) -> Plan:
    """Return the plan without the experiments for which no transport has enough descriptors.

    Raises:
        click.UsageError: no experiment is left.
    """
    limit = descriptors.raise_limit()
    transports = _with_sockets(plan)
    left_out = {
        experiment
        for experiment, connections in _connections_needed(plan)
        if not any(_fits(transport, connections, limit) for transport in transports)
    }
    left = tuple(name for name in plan.experiments if name not in left_out)
    if not left:
        raise click.UsageError("nothing can be measured:\n" + "\n".join(shortages(plan)))
    return msgspec.structs.replace(plan, experiments=left)


def _connections_needed(plan: Plan) -> list[tuple[str, int]]:
    """Return the experiments of the plan that need many descriptors, and their connections."""
    sizes = PROFILES[plan.profile].cost
    # A client that comes back still holds the sockets that it has lost.
    counts = {
        "memory": sizes.memory_connections,
        "idle": sizes.idle_connections,
        STORM: 2 * plan.clients,
    }
    return [(name, count) for name, count in counts.items() if name in plan.experiments]


def _with_sockets(plan: Plan) -> list[Transport]:
    transports = [registry.load(name) for name in dict.fromkeys(map(original, plan.transports))]
    return [each for each in transports if Capability.SOCKET in each.capabilities]


def _fits(transport: Transport, connections: int, limit: int) -> bool:
    try:
        return fitting(transport, connections, limit) > 0
    except TooFewDescriptorsError:
        return False
