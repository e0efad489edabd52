"""`lab load`: loads a server that is not the lab's with a scenario, and records what it does."""

from __future__ import annotations

import secrets as chance
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.options import results_option
from lab.cli.scenarios import changed, read_scenario
from lab.cli.target import TargetOptions, bounds_options, target_failures, target_options
from lab.cli.target_site import revealed, running, shown, site_of, target_shown
from lab.cli.values import SEED, Finite
from lab.measure import descriptors
from lab.measure.others import OtherLoad
from lab.scenario import Scenario
from lab.target.secret_values import Secrets

if TYPE_CHECKING:
    from lab.load.scenario.crowd import OnProgress
    from lab.load.scenario.links import Site
    from lab.record import RunWriter

PROFILE = "load"
PID_MAX = 1 << 22
"""Linux's largest process id (proc(5), `pid_max`)."""
OF_THE_LOAD = ("clients", "rate", "duration", "seed")
"""The options that stand in place of a key of the scenario's load."""


@click.command(
    epilog="Examples: lab load http://localhost:3000 socketio-chat  |  "
    "lab load ws://localhost:8080 mine.toml --rate 100 --duration 30"
)
@target_options
@click.argument("scenario")
@click.option("--clients", type=click.IntRange(1, 1_000_000), help="Connect this many clients.")
@click.option(
    "--rate", type=Finite(0, 1e9, min_open=True), help="Offer this many messages a second."
)
@click.option("--duration", type=Finite(0, 3600, min_open=True), help="Send for this many seconds.")
@click.option(
    "--passes",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Load it this often, each time with new connections.",
)
@click.option(
    "--pid", type=click.IntRange(1, PID_MAX), help="The target's process, to see its CPU."
)
@click.option("--seed", type=SEED, help="Decides ids, texts and arrivals; default: a new one.")
@bounds_options
@results_option("Where the run is written.", writes=True)
def load(options: TargetOptions, /, scenario: str, results: Path, **given: Any) -> None:
    """Load the server at URL with SCENARIO: a file, or an example of `lab scenario list`.

    Says how long answers and deliveries took, from the intended send of each message; what was
    lost; and which side had no CPU left. A lost message makes the run void (exit code 1). Ctrl-C
    keeps what is measured.
    """
    found, folder = read_scenario(scenario)
    found = changed(found, {key: given[key] for key in OF_THE_LOAD})
    permission = msgspec.structs.replace(
        options.permission, clients=given["most_clients"], messages_per_s=given["most_messages"]
    )
    options = msgspec.structs.replace(options, permission=permission)
    loading = _Loading(found, options, folder, results)
    with target_failures(loading.secrets):
        code = loading.run(given["passes"], given["pid"])
    sys.exit(code)


class _Loading:
    """One call of `lab load`."""

    def __init__(
        self, scenario: Scenario, options: TargetOptions, folder: Path, results: Path
    ) -> None:
        self._scenario = scenario
        self._options = options
        self._folder = folder
        given = scenario.load.seed
        self._seed = chance.randbelow(2**31) if given is None else given
        self._results = results
        self.secrets = Secrets()
        self._console = open_console()
        self._writer: RunWriter | None = None

    def run(self, passes: int, pid: int | None) -> int:
        """Load the target, and return the exit code."""
        _check_results(self._results)
        self._check_descriptors()
        target = self._options.target
        ready = revealed(self._scenario, self._options.headers, self.secrets)
        ended = None
        with running(self._scenario, self._folder, target, self.secrets) as known:
            site = site_of(self._options, ready, self.secrets)
            for number in range(passes):
                ended = self._one_pass(ready, site, number, passes, pid or known)
                if ended in ("interrupted", "closed"):
                    break
        return self._finish(ended)

    def _one_pass(
        self, revealed: Scenario, site: Site, number: int, passes: int, pid: int | None
    ) -> str | None:
        from lab.load.scenario.counted import counts
        from lab.load.scenario.run import Watching, run
        from lab.load.scenario.server import TreeMeter
        from lab.record import Benchmark, PassFile

        begun, others = time.monotonic(), OtherLoad()
        with _interruptible() as interrupted, _progress(self._console) as progress:
            watching = Watching(progress, interrupted, TreeMeter(pid))
            found = run(revealed, site, self._seed + number, watching)
        writer = self._writer or self._begin(passes, pid)
        entries = [
            Benchmark(f"{each.experiment}_{each.measure}[{each.transport}]", each)
            for each in counts(self._scenario, found, self.secrets.mask)
        ]
        writer.add_pass(
            msgspec.json.encode(PassFile(entries)),
            order=[self._scenario.name],
            seconds=time.monotonic() - begun,
            other_load_cores=others.cores(),
        )
        return found.ended

    def _begin(self, passes: int, pid: int | None) -> RunWriter:
        from lab import record

        scenario, name = self._scenario, self._scenario.name
        self._writer = record.create(
            self._results,
            PROFILE,
            settings="stock",
            transports={name: {"settings_shown": shown(scenario)}},
            seed=self._seed,
            planned_passes=passes,
            constants={
                "client": "raw",
                "target": target_shown(self._options.target, self.secrets),
                "target_process": "known" if pid else "not known",
                "scenario": shown(scenario),
                "passes": passes,
            },
            command=["lab", "load", target_shown(self._options.target, self.secrets), name],
        )
        return self._writer

    def _finish(self, ended: str | None) -> int:
        from lab.report.model.scenario import loaded
        from lab.report.publish import publish
        from lab.report.text import screen

        assert self._writer is not None
        early = ended in ("interrupted", "closed")
        run = self._writer.finish("partial" if early else None)
        screen.show(run, self._console)
        page = publish(run)
        self._console.print(f"report: {page}", soft_wrap=True, markup=False, highlight=False)
        if ended == "interrupted":
            return ending.exit_code()
        found = loaded(run)
        return 1 if early or found is None or found.void else 0

    def _check_descriptors(self) -> None:
        connect = self._scenario.connect
        each = 2 if connect.mode == "polling" else 1
        needed = self._scenario.load.clients * each + descriptors.SPARE
        if descriptors.raise_limit() < needed:
            raise click.UsageError(
                f"{self._scenario.load.clients:,} clients need {needed:,} open files: first run "
                f"`{descriptors.how_to_raise(needed)}`"
            )


def _check_results(results: Path) -> None:
    """Raise ClickException before anything is measured if no run can be written there."""
    try:
        results.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"the results folder {results} can't be written: {error.strerror}"
        ) from error


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the load, and keep what is measured; a second one ends at once."""
    came: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        came.append(number)
        if len(came) > 1:
            raise KeyboardInterrupt

    usual = signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: bool(came)
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def _progress(console: Console) -> Iterator[OnProgress]:
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())
    with ProgressBar(*columns, console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=min(done, of))

        yield show
