"""Measures how large a planted slowdown must be. The run then has to find it."""

from __future__ import annotations

import click
from rich.console import Console

from lab import record
from lab.cli.bench.campaign import RunPass, progress_bar, run_with_progress
from lab.cli.bench.plan import Plan
from lab.measure.replicas import original, replica
from lab.report.model.aa import PLANTED_FIGURE


def planted(plan: Plan, percent: float, run_pass: RunPass, console: Console) -> dict[str, int]:
    """A/A replica -> `percent` of the server CPU of one delivery, in ns.

    One pass, which is not kept, measures that CPU.

    Raises ClickException if the pass is void, or lost the figure of a transport.
    """
    transports = list(dict.fromkeys(map(original, plan.transports)))
    arguments = [*("--profile", plan.profile), *("--settings", plan.settings)]
    arguments += [*("--driver", plan.driver)]
    arguments += [
        *("--transports", ",".join(transports)),
        *("--experiments", PLANTED_FIGURE.experiment),
    ]
    with progress_bar(console) as bar:
        found = run_with_progress(bar, "how large a slowdown to plant", run_pass, arguments)
    if found.void is not None or found.json is None:
        raise click.ClickException(f"the slowdown to plant could not be measured: {found.void}")
    costs_us = _costs(found.json)
    if missing := set(transports) - costs_us.keys():
        raise click.ClickException(f"{PLANTED_FIGURE.title} was lost for {', '.join(missing)}")
    return {
        replica(transport): round(costs_us[transport] * 1e3 * percent / 100)
        for transport in transports
    }


def _costs(raw: bytes) -> dict[str, float]:
    infos = [each.extra_info for each in record.read_pass(raw, "the pass").benchmarks]
    values = {
        info.transport: PLANTED_FIGURE.extract(info)
        for info in infos
        if PLANTED_FIGURE.covers(info) and info.valid
    }
    return {transport: value for transport, value in values.items() if value is not None}
