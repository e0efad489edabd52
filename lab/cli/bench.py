"""`lab bench`: the suite in interleaved passes, recorded, compared and drawn."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec
from click.core import ParameterSource
from rich.console import Console

from lab.cli import askable
from lab.cli.campaign import Campaign
from lab.cli.descriptors import shortages
from lab.cli.driver import chosen
from lab.cli.options import settings_option, wires_option
from lab.cli.passes import run_pass
from lab.cli.plan import Plan, limits, shuffled
from lab.cli.resume import NEWEST, resumed
from lab.contract import Capability, Settings
from lab.load.profiles import EXPERIMENTS, PROFILES, Client, Driver, Profile, repeat
from lab.load.schedule import Arrivals
from lab.measure.twins import with_twins
from transports import registry

if TYPE_CHECKING:
    from lab.record import RunWriter

__all__ = ["bench", "shuffled"]


class ExperimentType(click.Choice[str]):
    """An experiment by its name, written with hyphens or as its file has it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType`."""
        return super().convert(str(value).replace("-", "_"), param, ctx)


@click.command(
    epilog="Examples: lab bench  |  lab bench --wires websocket,socketio-polling --passes 3"
)
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default="quick",
    show_default=True,
    help="quick: within two minutes; full: figures to quote.",
)
@wires_option
@click.option(
    "--experiment",
    "experiments",
    type=ExperimentType(list(EXPERIMENTS)),
    multiple=True,
    help="What to measure, more than once for several; default: the profile's.",
)
@click.option(
    "--passes",
    type=click.IntRange(1, 100),
    help="Sweeps over all wires; default: the profile's. Five are the fewest for a verdict.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 100),
    help="Of each benchmark in a pass; default: the profile's. Fewer rounds in more passes take "
    "turns more closely, which a restless machine needs.",
)
@settings_option
@click.option(
    "--arrivals",
    type=click.Choice(["constant", "poisson"]),
    help="In an open loop; default: the profile's.",
)
@click.option(
    "--driver",
    type=click.Choice(get_args(Driver)),
    help="Who asks in throughput, fan_out and payload: a raw client that skips what it is sent by "
    "its header, or the wire's library client; default: raw, unless there is a wire that no raw "
    "client speaks. In cost the raw one asks, always.",
)
@click.option(
    "--client",
    type=click.Choice(get_args(Client)),
    default="python",
    show_default=True,
    help="browser: handshake, latency and throughput as a page in Chromium has them, by the "
    "browser's own means.",
)
@click.option("--seed", type=int, help="Shuffles the wires of each pass; default: a new one.")
@click.option(
    "--aa",
    is_flag=True,
    help="Measure each wire against itself, to see how often a difference is claimed.",
)
@click.option(
    "--plant",
    type=click.FloatRange(0, 1000, min_open=True),
    metavar="PERCENT",
    help="With --aa: slow each second self's server down by so much, to see whether it shows.",
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value=NEWEST,
    metavar="[RUN]",
    help="Go on with an interrupted run; default: the newest one.",
)
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Where the run is written.",
)
@click.pass_context
def bench(ctx: click.Context, /, resume: str | None, results: Path, **asked: Any) -> None:
    """Measure the wires and print the comparison.

    Every pass measures each wire once, in shuffled order; ratios are taken pass by pass, so that a
    machine that drifts does not tell a story. Ctrl-C keeps the finished passes, and --resume adds
    those that are missing.
    """
    from lab import record

    console = Console()
    try:
        if resume is None:
            _one_client(ctx)
            plan = _planned(console, **asked)
            writer = _begun(plan, results, command(ctx))
        else:
            _alone(ctx)
            plan, writer = resumed(resume, results)
        for shortage in shortages(plan):
            console.print(shortage, style="yellow", highlight=False)
        sys.exit(Campaign(writer, plan, run_pass, console).run())
    except record.RecordError as error:
        raise click.ClickException(str(error)) from error


def _planned(  # noqa: PLR0913 - an option each, by its name
    console: Console,
    *,
    profile: str,
    wires: list[str],
    experiments: tuple[str, ...],
    passes: int | None,
    rounds: int | None,
    settings: Settings,
    arrivals: Arrivals | None,
    driver: Driver | None,
    client: Client,
    seed: int | None,
    aa: bool,
    plant: float | None,
) -> Plan:
    sizes = PROFILES[profile]
    if plant is not None and not aa:
        raise click.UsageError("--plant slows down a wire's second self: it needs --aa")
    if client == "browser":
        from lab.cli.browser import in_a_browser

        wires, experiments = in_a_browser(wires, experiments, plant, console)
    if aa:
        experiments = experiments or (_timed(sizes) if plant is None else ("throughput",))
        wires = _against_itself(wires, experiments, console)
    if client == "python":
        driver = chosen(driver, wires, experiments or sizes.experiments, console.print)
        askable.check(experiments, wires, driver)
    plan = Plan(
        profile=profile,
        settings=settings,
        wires=wires,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        passes=passes or (1 if repeat(experiments or sizes.experiments) else sizes.passes),
        rounds=rounds or sizes.rounds,
        experiments=experiments or sizes.experiments,
        arrivals=arrivals or sizes.open_loop.arrivals,
        driver=driver or "library",
        client=client,
    )
    if plant is None:
        return plan
    from lab.cli.calibrate import planted

    slowed = planted(plan, plant, run_pass, console)
    return msgspec.structs.replace(plan, planted=slowed)


def _timed(sizes: Profile) -> tuple[str, ...]:
    return tuple(name for name in sizes.experiments if not EXPERIMENTS[name].once)


def _against_itself(wires: list[str], experiments: tuple[str, ...], console: Console) -> list[str]:
    """The wires with their twins. Raises UsageError where none can be compared with itself."""
    if once := [name for name in experiments if EXPERIMENTS[name].once]:
        raise click.UsageError(
            f"--aa compares what is timed pass by pass, which {', '.join(once)} is not; "
            f"there are {', '.join(name for name in EXPERIMENTS if not EXPERIMENTS[name].once)}"
        )
    served = [name for name in wires if Capability.SOCKET in registry.load(name).capabilities]
    if not served:
        raise click.UsageError(
            f"--aa needs a wire with a server of its own, which {wires[0]} isn't"
        )
    if left_out := [name for name in wires if name not in served]:
        console.print(f"without a server of its own, and left out: {', '.join(left_out)}")
    return with_twins(served)


def _begun(plan: Plan, results: Path, command: list[str]) -> RunWriter:
    from lab import record

    return record.create(
        results,
        plan.profile,
        settings=plan.settings,
        wires=plan.described(),
        seed=plan.seed,
        planned_passes=len(plan.sweeps),
        constants=plan.constants(),
        limits=limits(),
        command=command,
    )


def _one_client(ctx: click.Context) -> None:
    """A browser has no driver."""
    if ctx.params["client"] == "browser" and any(p.name == "driver" for p in _said(ctx)):
        raise click.UsageError("--driver is for --client python: a browser asks by its own means")


def _said(ctx: click.Context) -> list[click.Parameter]:
    """The options that stood on the command line."""
    given = ParameterSource.COMMANDLINE
    return [p for p in ctx.command.params if ctx.get_parameter_source(p.name or "") is given]


def _alone(ctx: click.Context) -> None:
    """A run goes on as it began: there is nothing else to ask for."""
    others = [p.opts[0] for p in _said(ctx) if p.name not in ("resume", "results")]
    if others:
        raise click.UsageError(
            f"--resume goes on as the run was begun: leave out {', '.join(others)}"
        )


def command(ctx: click.Context) -> list[str]:
    """The command line to be kept in a run, which is made to be published: without any path."""
    words = ["lab", "bench"]
    for option in _said(ctx):
        if option.name == "results":
            continue
        value = ctx.params[option.name or ""]
        for each in value if isinstance(value, tuple) else (value,):
            words.append(option.opts[0])
            if each is not True:
                words.append(",".join(each) if isinstance(each, list) else str(each))
    return words
