"""How large a planted slowdown has to be: beside the campaign, which then has to find it."""

from __future__ import annotations

import click
from rich.console import Console

from lab import record
from lab.cli.campaign import RunPass, progress_bar, shown
from lab.cli.plan import Plan
from lab.measure.twins import original, twin
from lab.report.aa import PLANTED_FIGURE


def planted(plan: Plan, percent: float, run_pass: RunPass, console: Console) -> dict[str, int]:
    """Twin -> `percent` of what one delivery costs its server, in ns, by a pass that is not kept.

    Raises ClickException where that pass is void, or did not measure it.
    """
    wires = list(dict.fromkeys(map(original, plan.wires)))
    arguments = [*("--profile", plan.profile), *("--settings", plan.settings)]
    arguments += [*("--driver", plan.driver)]
    arguments += [*("--wires", ",".join(wires)), *("--experiments", PLANTED_FIGURE.experiment)]
    with progress_bar(console) as bar:
        found = shown(bar, "how large a slowdown to plant", run_pass, arguments)
    if found.void is not None or found.json is None:
        raise click.ClickException(f"what to plant could not be measured: {found.void}")
    costs_us = _costs(found.json)
    if missing := set(wires) - costs_us.keys():
        raise click.ClickException(f"{PLANTED_FIGURE.title} was lost for {', '.join(missing)}")
    return {twin(wire): round(costs_us[wire] * 1e3 * percent / 100) for wire in wires}


def _costs(raw: bytes) -> dict[str, float]:
    infos = [each.extra_info for each in record.read_pass(raw, "that pass").benchmarks]
    values = {
        info.wire: PLANTED_FIGURE.extract(info)
        for info in infos
        if PLANTED_FIGURE.covers(info) and not info.lost
    }
    return {wire: value for wire, value in values.items() if value is not None}
