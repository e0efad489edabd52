"""`lab bench`: the suite in interleaved passes, recorded, compared and drawn."""

from __future__ import annotations

import random
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from lab.cli.passes import PassResult, run_pass
from lab.cli.wires import WIRES
from lab.contract import Heartbeat, Settings
from lab.load.profiles import EXPERIMENTS, PROFILES, Profile, steps

if TYPE_CHECKING:
    from lab.record import RunWriter

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell has it: 128 + SIGINT."""


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
@click.option(
    "--wires",
    type=WIRES,
    default="all",
    show_default=True,
    metavar="A,B,...",
    help="Which wires; `lab list` names them.",
)
@click.option(
    "--experiment",
    "experiments",
    type=click.Choice(list(EXPERIMENTS)),
    multiple=True,
    help="What to measure, more than once for several; default: the profile's.",
)
@click.option(
    "--passes",
    type=click.IntRange(1, 100),
    help="Sweeps over all wires; default: the profile's. Five are the fewest for a verdict.",
)
@click.option(
    "--settings",
    type=click.Choice(["equal", "stock"]),
    default="equal",
    show_default=True,
    help="equal: comparable protocols; stock: each library as installed.",
)
@click.option("--seed", type=int, help="Shuffles the wires of each pass; default: a new one.")
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Where the run is written.",
)
def bench(
    profile: str,
    wires: list[str],
    experiments: tuple[str, ...],
    passes: int | None,
    settings: Settings,
    seed: int | None,
    results: Path,
) -> None:
    """Measure the wires and print the comparison.

    Every pass measures each wire once, in shuffled order; ratios are taken pass by pass, so that a
    machine that drifts does not tell a story. Ctrl-C keeps the finished passes.
    """
    from lab import record

    plan = PROFILES[profile]
    plan = msgspec.structs.replace(
        plan, passes=passes or plan.passes, experiments=experiments or plan.experiments
    )
    sweeps = steps(plan.experiments, plan.passes)
    seed = secrets.randbelow(2**31) if seed is None else seed
    try:
        writer = record.create(
            results,
            profile,
            settings=settings,
            wires={name: _described(name, settings) for name in wires},
            seed=seed,
            planned_passes=len(sweeps),
            constants=_constants(plan, settings),
            limits=_limits(),
            command=["lab", *sys.argv[1:]],
        )
        suite = ["--profile", profile, "--wires", ",".join(wires), "--settings", settings]
        sys.exit(Campaign(writer, sweeps, wires, seed, suite).run())
    except record.RecordError as error:
        raise click.ClickException(str(error)) from error


class Campaign:
    """The passes of one run, and what becomes of them."""

    def __init__(
        self,
        writer: RunWriter,
        sweeps: Sequence[Sequence[str]],
        wires: Sequence[str],
        seed: int,
        suite: Sequence[str],
    ) -> None:
        self._writer = writer
        self._sweeps = sweeps
        self._wires = wires
        self._seed = seed
        self._suite = suite
        self._console = Console()
        self._voids = 0

    def run(self) -> int:
        """Returns the exit code: 0, 1 where a pass is void, 130 after Ctrl-C."""
        try:
            self._measure()
        except KeyboardInterrupt:
            self._finish("partial")
            return INTERRUPTED
        self._finish(None)
        return 1 if self._voids else 0

    def _measure(self) -> None:
        with ProgressBar(
            TextColumn("{task.description:<48}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        ) as bar:
            for index, experiments in enumerate(self._sweeps, start=1):
                self._one_pass(index, experiments, bar)

    def _one_pass(self, index: int, experiments: Sequence[str], bar: ProgressBar) -> None:
        name = f"pass {index} of {len(self._sweeps)}"
        task = bar.add_task(name, total=None)
        seed = self._seed + index
        begun = time.monotonic()
        found = run_pass(
            [*self._suite, "--experiments", ",".join(experiments), "--order-seed", str(seed)],
            lambda at: bar.update(
                task, completed=at.done, total=at.total, description=f"{name}: {at.current}"
            ),
        )
        bar.update(task, description=name if found.void is None else f"{name}: void")
        self._keep(index, found, time.monotonic() - begun, shuffled(self._wires, seed))

    def _keep(self, index: int, found: PassResult, seconds: float, order: list[str]) -> None:
        if found.void is None and found.json is not None:
            self._writer.add_pass(found.json, order=order, seconds=seconds)
            return
        self._voids += 1
        reason = found.void or "no results"
        self._console.print(f"pass {index} is void: {reason}", style="red", markup=False)
        self._writer.void_pass(reason, order=order, seconds=seconds, raw=found.json)

    def _finish(self, status: Any) -> None:
        from lab import report
        from lab.report import tables

        run = self._writer.finish(status)
        if not run.passes:
            self._console.print(f"no pass was finished; what there is: {run.folder}")
            return
        page = report.publish(run)
        tables.show(run, self._console)
        self._console.print(f"report: {page}", soft_wrap=True)


def shuffled(wires: Sequence[str], seed: int) -> list[str]:
    """The order of the wires in the pass with this seed: the suite's own shuffle is the same."""
    order = list(wires)
    random.Random(seed).shuffle(order)
    return order


def _described(name: str, settings: Settings) -> dict[str, Any]:
    from transports import registry

    wire = registry.load(name)
    shown = dict(wire.knobs(settings))
    return {"stack": msgspec.to_builtins(wire.stack()), "settings_shown": shown}


def _limits() -> dict[str, Any]:
    from lab.chat.limits import UNPACED

    limits: dict[str, Any] = msgspec.to_builtins(UNPACED)
    return limits


def _constants(plan: Profile, settings: Settings) -> dict[str, Any]:
    from lab.measure import collector
    from lab.measure.process import plan_cores

    return {
        **msgspec.to_builtins(plan, str_keys=True),
        "heartbeat_s": msgspec.to_builtins(Heartbeat()),
        "garbage_collector": f"frozen, {collector.CALM}" if settings == "equal" else "default",
        "cores": str(plan_cores()),
        "senders_per_room": 1,
        "client": "library",
    }
