"""Refuses an experiment that none of the requested transports can run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from lab.load.profiles import EXPERIMENTS, Driver
from lab.measure.replicas import original
from transports import registry


def check(experiments: Iterable[str], transports: Sequence[str], driver: Driver) -> None:
    """Check that at least one transport meets the requirement of each experiment.

    Raises:
        click.UsageError: no transport meets it.
    """
    from lab.load.requirements import MEETS, required

    for experiment in experiments:
        requirement = required(EXPERIMENTS[experiment], driver)
        meets = MEETS[requirement]
        if any(meets(registry.load(original(name))) for name in transports):
            continue
        fitting = [name for name in registry.available() if meets(registry.load(name))]
        raise click.UsageError(
            f"--experiment {experiment} needs a transport with {requirement}; "
            f"{', '.join(transports)} {'has' if len(transports) == 1 else 'have'} none; "
            f"these fit: {', '.join(fitting)}"
        )
