"""Which wires an experiment can be asked of, said before a run that would measure nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import click

from lab.contract import Capability, Transport
from lab.load.profiles import EXPERIMENTS, Driver
from lab.measure.twins import original
from transports import registry

Takes = tuple[str, Callable[[Transport], bool]]
"""What an experiment takes, in words and as a check of a wire."""


def _speaks(wire: Transport) -> bool:
    from lab.load.raw import speaks

    return speaks(wire)


_NOTHING: Takes = ("nothing in particular", lambda _: True)
_SERVER: Takes = ("a server of its own", lambda wire: Capability.SOCKET in wire.capabilities)
_HEARTBEAT: Takes = (
    "a heartbeat",
    lambda wire: {Capability.SOCKET, Capability.HEARTBEAT} <= wire.capabilities,
)
_YARDSTICKS: Takes = ("a tuned wire beside it", lambda wire: wire.tuned is not None)
_SPOKEN: Takes = ("a raw client that speaks it", _speaks)

TAKES: Mapping[str, Takes] = {
    "cost": _YARDSTICKS,
    "round_trips": _SERVER,
    "bytes": _SERVER,
    "load": _SERVER,
    "memory": _SERVER,
    "idle": _HEARTBEAT,
    "harness": _SPOKEN,
}
"""Experiment -> what it takes of a wire; the others can be asked of all."""


def check(experiments: Iterable[str], wires: Sequence[str], driver: Driver) -> None:
    """See that each experiment has a wire to be asked of.

    Raises:
        click.UsageError: one has none.
    """
    for experiment in experiments:
        raw = driver == "raw" and EXPERIMENTS[experiment].driven
        what, fits = _SPOKEN if raw else TAKES.get(experiment, _NOTHING)
        if any(fits(registry.load(original(name))) for name in wires):
            continue
        fitting = [name for name in registry.available() if fits(registry.load(name))]
        raise click.UsageError(
            f"--experiment {experiment} takes a wire with {what}, which {', '.join(wires)} "
            f"{'has' if len(wires) == 1 else 'have'} not; there are {', '.join(fitting)}"
        )
