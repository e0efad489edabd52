"""The command `lab bench`: measures in interleaved passes, records, compares and draws."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Container
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec
from click.core import ParameterSource
from rich.console import Console

from lab.cli.bench import fleet, requirements
from lab.cli.bench.campaign import Begin, Campaign, show_everything
from lab.cli.bench.descriptors import measurable, shortages
from lab.cli.bench.driver import choose_driver
from lab.cli.bench.estimate import sentence
from lab.cli.bench.options import BenchOptions
from lab.cli.bench.passes import run_pass
from lab.cli.bench.plan import Plan, limits, shuffled
from lab.cli.bench.resume import NEWEST, find_interrupted
from lab.cli.bench.subjects import OVER_TLS, WITH_COMPRESSION, check_proxies, subjects
from lab.cli.compression import COMPRESSION
from lab.cli.console import open_console
from lab.cli.network import CONDITIONS, network_options
from lab.cli.options import details_option, results_option, settings_option, transports_option
from lab.cli.values import SEED, Finite, Parsed
from lab.compression import FORM
from lab.load.hosts.names import parse_fleet
from lab.load.profiles import (
    EXPERIMENTS,
    JAVASCRIPT_CLIENTS,
    PROFILES,
    PROXIES,
    STORM,
    Client,
    Driver,
    repeat,
)

if TYPE_CHECKING:
    from lab.record import RunWriter

__all__ = ["BenchOptions", "bench", "shuffled"]


MOST_CLIENTS = 2000
"""Of a storm."""
OF_THE_OUTPUT = ("results", "details")
"""Options that change nothing of what is measured."""


ADDRESSES = ("fleet", "listen")
"""Options that hold an address of a machine, which no run records."""


NOT_OF_A_TARGET = (
    *("resume", "client", "driver", "arrivals", "aa", "plant", "tls", "compressions"),
    *("fleet", "listen", "share", "network", "clients", *CONDITIONS),
)
"""Options that mean nothing for a target."""


class ExperimentType(click.Choice[str]):
    """The name of an experiment, with hyphens or with underscores."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType`."""
        return super().convert(str(value).replace("-", "_"), param, ctx)


@click.command(
    epilog="Examples: lab bench  |  lab bench --transports websocket,socketio-polling --passes 3  "
    "|  lab bench --client node --experiment round-trips  "
    "|  lab bench --experiment storm --clients 100 --passes 3"
)
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default="quick",
    show_default=True,
    help="quick: takes less than three minutes; full: gives figures that can be quoted, also over "
    "TLS, in less than 25.",
)
@transports_option(
    "Default: core; the experiments of the quick profile also measure node.", default=None
)
@click.option(
    "--experiment",
    "experiments",
    type=ExperimentType(list(EXPERIMENTS)),
    multiple=True,
    help="What to measure. Repeat the option for several; default: the profile's.",
)
@click.option(
    "--passes",
    type=click.IntRange(1, 100),
    help="Passes over all transports for timed figures; default: the profile's. A verdict needs 5. "
    "Experiments that measure once have one more pass.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 100),
    help="Rounds of each benchmark in a pass; default: the profile's. On a busy machine, choose "
    "fewer rounds and more passes: the transports then alternate more often.",
)
@click.option(
    "--clients",
    type=click.IntRange(1, MOST_CLIENTS),
    help="With --experiment storm: how many come back; default: 200.",
)
@settings_option
@click.option(
    "--arrivals",
    type=click.Choice(["constant", "poisson"]),
    help="How messages arrive in an open loop; default: the profile's.",
)
@click.option(
    "--driver",
    type=click.Choice(get_args(Driver)),
    help="The client in throughput, fan_out and payload: a raw client that reads only headers, or "
    "the library's client. Default: raw, unless a transport has no raw client. The experiment "
    "cost always uses the raw client.",
)
@click.option(
    "--client",
    type=click.Choice(get_args(Client)),
    default="python",
    show_default=True,
    help="browser: a page in Chromium, with the browser's own interfaces; node: a process of "
    "Node, with ws. Both use npm's socket.io-client, and measure handshake, latency, throughput "
    "and round trips.",
)
@click.option("--seed", type=SEED, help="Shuffles the transports of each pass; default: a new one.")
@click.option(
    "--aa",
    is_flag=True,
    help="Measure each transport against itself, to see how often a false difference is reported.",
)
@click.option(
    "--plant",
    type=Finite(0, 1000, min_open=True),
    metavar="PERCENT",
    help="With --aa: slow down each A/A replica's server by this much, and see if that is found.",
)
@click.option(
    "--tls",
    is_flag=True,
    help="Measure each transport over TLS 1.3 too, with full and with resumed handshakes. Default: "
    f"{', '.join(OVER_TLS)}.",
)
@network_options
@click.option(
    "--compression",
    "compressions",
    type=COMPRESSION,
    multiple=True,
    metavar="HOW",
    help=f"Measure each transport with this compression too: {FORM}. Repeat the option for "
    f"several. Default: {', '.join(WITH_COMPRESSION)}.",
)
@click.option(
    "--fleet",
    type=Parsed("fleet", parse_fleet),
    metavar="dask://HOST:PORT",
    help="Load from the workers of this Dask scheduler, each with a room of its own. Default: from "
    f"this machine. For {', '.join(fleet.DRIVEN)}.",
)
@click.option(
    "--listen",
    metavar="ADDRESS",
    help="With --fleet: the address of this machine on which the servers listen; default: "
    "127.0.0.1.",
)
@click.option(
    "--share", is_flag=True, help="With --listen: allow an address that other machines can reach."
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value=NEWEST,
    metavar="[RUN]",
    help="Continue an interrupted run; default: the newest one.",
)
@click.option(
    "--target",
    metavar="SCENARIO",
    help="Measure a server of yours beside the transports, by this scenario, which has its url: "
    "handshake, latency and throughput, all by the same raw clients.",
)
@details_option
@results_option("Where the run is written.")
@click.pass_context
def bench(
    ctx: click.Context,
    /,
    resume: str | None,
    target: str | None,
    details: bool,
    results: Path,
    **given: Any,
) -> None:
    """Measure the transports and print the answer.

    Every pass measures each transport once, in shuffled order. Ratios are computed pass by pass, so
    a machine that becomes slower with time does not change them. Ctrl-C keeps the finished passes,
    and --resume adds the missing ones.
    """
    from lab import record

    console = open_console()
    try:
        if target is not None:
            _check_target_options(ctx)
            sys.exit(_bench_target(ctx, target, BenchOptions(**given), results, console))
        if resume is None:
            _check_driver_option(ctx)
            requested = make_plan(BenchOptions(**given), console)
            plan = measurable(requested)
            begin: Begin = partial(_begin, plan, results, command(ctx))
        else:
            _check_resume_options(ctx)
            plan, begin = find_interrupted(resume, results)
            requested = plan
        for shortage in shortages(requested):
            console.print(shortage, style="yellow", highlight=False)
        if resume is None and (announced := sentence(plan)) is not None:
            console.print(announced, highlight=False)
        show = partial(show_everything, details=details)
        sys.exit(Campaign(begin, plan, run_pass, console, show).run())
    except record.RecordError as error:
        raise click.ClickException(str(error)) from error


def make_plan(options: BenchOptions, console: Console) -> Plan:
    """The plan of a run with these options. Raises UsageError if nothing can be measured."""
    sizes, plant = PROFILES[options.profile], options.plant
    if plant is not None and not options.aa:
        raise click.UsageError("--plant slows down a transport's A/A replica, so it needs --aa")
    found = fleet.survey(options)
    if found is not None:
        experiments = options.experiments or fleet.DEFAULT
        options = msgspec.structs.replace(options, driver="raw", experiments=experiments)
    transports, experiments = subjects(options, console)
    driver = options.driver
    if options.client == "python":
        driver = choose_driver(driver, transports, experiments, console.print)
        # Only what is named: of a profile's experiments, a transport runs those that it can.
        requirements.check(options.experiments, transports, driver)
    if PROXIES in experiments:
        check_proxies(console)
    if options.clients is not None and STORM not in experiments:
        raise click.UsageError(f"--clients is for --experiment {STORM}")
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    plan = Plan(
        profile=options.profile,
        settings=options.settings,
        transports=transports,
        seed=seed,
        passes=options.passes or (1 if repeat(experiments) else sizes.passes),
        rounds=options.rounds or sizes.rounds,
        over_tls=experiments if options.tls else sizes.over_tls,
        clients=options.clients or sizes.storm.clients,
        experiments=experiments,
        arrivals=options.arrivals or sizes.open_loop.arrivals,
        driver=driver or "library",
        client=options.client,
        fleet=found,
        network=options.link(seed),
    )
    if plant is None:
        return plan
    from lab.cli.bench.calibrate import planted

    slowed = planted(plan, plant, run_pass, console)
    return msgspec.structs.replace(plan, planted=slowed)


def _bench_target(
    ctx: click.Context, target: str, options: BenchOptions, results: Path, console: Console
) -> int:
    from lab.cli.bench.target import DEFAULT_BESIDE, bench_target
    from lab.cli.bench.target import EXPERIMENTS as OF_A_TARGET

    requested = msgspec.structs.replace(
        options,
        experiments=options.experiments or OF_A_TARGET,
        transports=options.transports or list(DEFAULT_BESIDE),
        driver="raw",
    )
    words = command(ctx, (*OF_THE_OUTPUT, "target"))
    return bench_target(target, make_plan(requested, console), results, words, console)


def _check_target_options(ctx: click.Context) -> None:
    """Raise UsageError for an option that means nothing for a target."""
    others = [p.opts[0] for p in _given_options(ctx) if p.name in NOT_OF_A_TARGET]
    if others:
        raise click.UsageError(f"--target is not for {', '.join(others)}: leave out one of them")


def _begin(plan: Plan, results: Path, command: list[str]) -> RunWriter:
    from lab import record

    return record.create(
        results,
        plan.profile,
        settings=plan.settings,
        transports=plan.described(),
        seed=plan.seed,
        planned_passes=len(plan.sweeps),
        constants=plan.constants(),
        limits=limits(),
        command=command,
    )


def _check_driver_option(ctx: click.Context) -> None:
    """Raise UsageError if --driver is given for a client in JavaScript, which has no driver."""
    given = any(p.name == "driver" for p in _given_options(ctx))
    if ctx.params["client"] in JAVASCRIPT_CLIENTS and given:
        raise click.UsageError("--driver is for --client python: JavaScript has one client")


def _given_options(ctx: click.Context) -> list[click.Parameter]:
    """Return the options that are given on the command line."""
    given = ParameterSource.COMMANDLINE
    return [p for p in ctx.command.params if ctx.get_parameter_source(p.name or "") is given]


def _check_resume_options(ctx: click.Context) -> None:
    """Raise UsageError if --resume has other options: a run continues with its own."""
    others = [p.opts[0] for p in _given_options(ctx) if p.name not in ("resume", *OF_THE_OUTPUT)]
    if others:
        raise click.UsageError(
            f"--resume continues with the options of the run: leave out {', '.join(others)}"
        )


def command(ctx: click.Context, left_out: Container[str] = OF_THE_OUTPUT) -> list[str]:
    """Return the command line for the record of a run. It has no path: runs are published.

    `left_out`: the options that have one, or change nothing of what is measured.
    """
    words = ["lab", str(ctx.info_name)]
    for option in _given_options(ctx):
        if option.name in left_out:
            continue
        value = "..." if option.name in ADDRESSES else ctx.params[option.name or ""]
        for each in value if isinstance(value, tuple) else (value,):
            words.append(option.opts[0])
            if each is not True:
                words.append(_written(option, each))
    return words


def _written(option: click.Parameter, value: object) -> str:
    """The value as the command line takes it."""
    if isinstance(option.type, Parsed):
        return option.type.written(value)
    return ",".join(value) if isinstance(value, list) else str(value)
