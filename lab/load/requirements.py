"""Decides on which transports an experiment can run, by their capabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.contract import Capability, Transport
from lab.load.profiles import Driver, Experiment, Requirement
from lab.load.raw.speakers import speaks
from lab.measure.replicas import original, with_joiners


def joinable(transport: Transport) -> list[str]:
    """The labels of a transport on several nodes: by the lab's journal, and by each library."""
    labels = with_joiners([original(transport.name)])
    return labels[not transport.can_join_nodes() :]


MEETS: Mapping[Requirement, Callable[[Transport], bool]] = {
    Requirement.NOTHING: lambda _: True,
    Requirement.SERVER: lambda transport: Capability.SOCKET in transport.capabilities,
    Requirement.RELAY: lambda transport: Capability.TCP in transport.capabilities,
    Requirement.HTTP: lambda transport: Capability.HTTP_1 in transport.capabilities,
    Requirement.HEARTBEAT: lambda transport: (
        {Capability.TCP, Capability.HEARTBEAT} <= transport.capabilities
    ),
    Requirement.TUNED: lambda transport: transport.tuned is not None,
    Requirement.RAW_CLIENT: speaks,
    Requirement.COMPRESSION: lambda transport: transport.compression is not None,
    Requirement.KEPT_ROOMS: lambda transport: (
        {Capability.SOCKET, Capability.SHARED_ROOM} <= transport.capabilities and speaks(transport)
    ),
    Requirement.NODES: lambda transport: (
        Capability.SOCKET in transport.capabilities
        and speaks(transport)
        and bool(joinable(transport))
    ),
}
"""Requirement -> whether a transport meets it."""


def required(experiment: Experiment, driver: Driver) -> Requirement:
    """What an experiment requires of a transport with this driver."""
    raw = driver == "raw" and experiment.driven
    return Requirement.RAW_CLIENT if raw else experiment.requires
