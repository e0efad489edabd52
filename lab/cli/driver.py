"""Which driver asks in a run: one for all of its wires, so that no column mixes two."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lab.contract import Capability
from lab.load.profiles import EXPERIMENTS, Driver
from lab.measure.twins import original
from transports import registry


def chosen(
    asked: Driver | None,
    wires: Iterable[str],
    experiments: Iterable[str],
    say: Callable[[str], None],
) -> Driver:
    """The driver that was asked for; or the raw one, where it speaks all that has a socket, if any.

    `say` is told what that leaves out, or why it is not the raw one.
    """
    from lab.load.raw import speaks

    driven = ", ".join(name for name in experiments if EXPERIMENTS[name].driven)
    loaded = {name: registry.load(original(name)) for name in wires}
    unspoken = [name for name, wire in loaded.items() if not speaks(wire)]
    if not driven or not unspoken or asked == "library":
        return asked or "raw"
    if asked == "raw":
        say(f"{driven} without {', '.join(unspoken)}: no raw client speaks it")
        return asked
    served = [name for name in unspoken if Capability.SOCKET in loaded[name].capabilities]
    if served:
        say(f"{driven} by library clients: no raw client speaks {', '.join(served)}")
    return "library" if served or len(unspoken) == len(loaded) else "raw"
