"""`lab bench --fleet`: what it refuses, and which workers there are."""

from __future__ import annotations

import click

from lab.cli.bench.options import BenchOptions
from lab.cli.bench.plan import FleetPlan
from lab.cli.reach import check_one_interface, check_reach
from lab.load.profiles import EXPERIMENTS
from transports._shared import extras

LIBRARY = "distributed"
DEFAULT = ("throughput",)
DRIVEN = tuple(name for name, each in EXPERIMENTS.items() if each.driven)
"""The experiments whose load a fleet can be."""


def survey(options: BenchOptions) -> FleetPlan | None:
    """The fleet of these options, with the workers that it has now; None without a fleet.

    Raises:
        click.UsageError: these options don't fit a fleet, its library is missing, or it can't be
            used.
    """
    if options.fleet is None:
        if options.share or options.listen is not None:
            raise click.UsageError("--listen and --share are for --fleet: they say where it loads")
        return None
    _check(options)
    listen = options.listen or "127.0.0.1"
    check_reach(listen, options.share, "--listen")
    check_one_interface(listen, "--listen")
    if (reason := extras.missing(LIBRARY)) is not None:
        raise click.UsageError(f"--fleet {reason}")
    from lab.load.hosts.fleet import Fleet, FleetError

    try:
        with Fleet(options.fleet, listen) as fleet:
            return FleetPlan(options.fleet, listen, fleet.labels)
    except FleetError as error:
        raise click.UsageError(f"--fleet: {error}") from error


def _check(options: BenchOptions) -> None:
    if options.client != "python" or options.driver == "library" or options.tls:
        raise click.UsageError(
            "--fleet places the raw driver: leave out --client, --driver library and --tls"
        )
    if others := [name for name in options.experiments if name not in DRIVEN]:
        raise click.UsageError(f"--fleet loads {', '.join(DRIVEN)}, not {', '.join(others)}")
