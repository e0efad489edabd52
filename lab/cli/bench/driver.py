"""Chooses the driver of a run. All its transports use the same one, so no column mixes two."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lab.contract import Capability
from lab.load.profiles import EXPERIMENTS, Driver
from lab.measure.replicas import is_variant, original, over_tls
from transports import registry


def choose_driver(
    requested: Driver | None,
    transports: Iterable[str],
    experiments: Iterable[str],
    report: Callable[[str], None],
) -> Driver:
    """Return the requested driver. The default is the raw one if it speaks all transports.

    A transport without a socket does not count, unless there is no other. `report` gets a message
    about what the raw driver leaves out, or why it is not the default.
    """
    from lab.load.raw import speaks

    driven = ", ".join(name for name in experiments if EXPERIMENTS[name].driven)
    loaded = {name: registry.load(original(name)) for name in transports}
    without_raw_client = [
        name
        for name, transport in loaded.items()
        if not speaks(transport) or (is_variant(name) and over_tls(name) is None)
    ]
    if not driven or not without_raw_client or requested == "library":
        return requested or "raw"
    if requested == "raw":
        report(f"{driven} without {', '.join(without_raw_client)}: no raw client speaks it")
        return requested
    served = [name for name in without_raw_client if Capability.SOCKET in loaded[name].capabilities]
    if served:
        report(f"{driven} by library clients: no raw client speaks {', '.join(served)}")
    return "library" if served or len(without_raw_client) == len(loaded) else "raw"
