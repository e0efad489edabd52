"""`lab bench --target`: a target beside the lab's own transports, in the same interleaved passes.

All of them are loaded by their scenario and by the same clients, so their figures mean the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress as ProgressBar

from lab import environment
from lab.cli import ending
from lab.cli.bench.campaign import progress_bar, show_everything
from lab.cli.bench.plan import Plan, limits, shuffled
from lab.cli.scenarios import read_scenario
from lab.cli.target import TargetOptions
from lab.cli.target_site import revealed, running, shown, site_of, target_shown
from lab.load.scenario.experiments import left_out
from lab.load.scenario.own import own_scenario
from lab.measure import collector
from lab.measure.others import OtherLoad
from lab.measure.process import CorePlan, pin, plan_cores
from lab.measure.server import ServerDiedError, ServerProcess
from lab.scenario import Scenario
from lab.target.errors import TargetError
from lab.target.permission import Permission
from lab.target.secret_values import Secrets
from lab.target.target import SOCKET_IO_PATH, TIMEOUT_S, Target, parse_target
from transports import registry

if TYPE_CHECKING:
    from lab.load.scenario.links import Site
    from lab.record import Benchmark, RunWriter

PROFILE = "target"
EXPERIMENTS = ("handshake", "latency", "throughput")
DEFAULT_BESIDE = ("websocket", "socketio-websocket")
"""The transports beside which a target is measured, if none is named."""


class Beside:
    """A target, and the transports beside which it is measured.

    Raises (at once): click.UsageError for a scenario that can't be used, or without a `url`.
    """

    def __init__(self, file: str, plan: Plan, console: Console) -> None:
        self._scenario, self._folder = read_scenario(file)
        self._plan = plan
        self._console = console
        self.secrets = Secrets()
        self._machine: dict[str, Any] = {}
        if self._scenario.url is None:
            raise click.UsageError(f"{file} has no url: with --target, the scenario says it")
        if others := [name for name in plan.experiments if name not in EXPERIMENTS]:
            raise click.UsageError(
                f"--target measures {', '.join(EXPERIMENTS)}, not {', '.join(others)}"
            )
        self._own = self._spoken(plan.transports)
        if self._scenario.name in self._own:
            raise click.UsageError(f"the scenario's name {self._scenario.name} is a transport's")

    def run(self, results: Path, command: Sequence[str]) -> int:
        """Measure, record and show. Returns the exit code.

        Raises:
            TargetError: the target can't be used.
        """
        for sentence in left_out(self._scenario):
            self._console.print(f"not measured on {self._scenario.name}: {sentence}", markup=False)
        target = parse_target(str(self._scenario.url))
        writer: RunWriter | None = None
        collector.calm()
        self._machine = environment.describe()  # before this process is bound to a core
        cores, before = plan_cores(), os.sched_getaffinity(0)
        pin(os.getpid(), cores.load)
        try:
            with progress_bar(self._console) as bar:
                for index in range(1, self._plan.passes + 1):
                    entries, taken = self._one_pass(index, target, cores, bar)
                    writer = writer or self._begin(results, target, command)
                    content = msgspec.json.encode({"benchmarks": entries})
                    writer.add_pass(content, **taken)
        except KeyboardInterrupt:
            if writer is None:
                raise
            with ending.held():
                show_everything(writer.finish("partial"), self._console)
            return ending.exit_code()
        finally:
            os.sched_setaffinity(0, before)
        assert writer is not None
        run = writer.finish()
        show_everything(run, self._console)
        kept = (each.extra_info for one in run.passes.values() for each in one.benchmarks)
        return 0 if all(counts.valid for counts in kept) else 1

    def _spoken(self, names: Sequence[str]) -> dict[str, Scenario]:
        """The transports that a scenario's clients speak, with the room's scenario."""
        found = {name: own_scenario(registry.load(name)) for name in names}
        silent = [name for name, scenario in found.items() if scenario is None]
        if silent:
            self._console.print(f"left out, since no scenario speaks it: {', '.join(silent)}")
        return {name: scenario for name, scenario in found.items() if scenario is not None}

    def _one_pass(
        self, index: int, target: Target, cores: CorePlan, bar: ProgressBar
    ) -> tuple[list[Benchmark], dict[str, Any]]:
        from lab.load.scenario.experiments import benchmarks
        from lab.record import Benchmark

        names = shuffled([self._scenario.name, *self._own], self._plan.seed + index)
        name = f"pass {index} of {self._plan.passes}"
        task = bar.add_task(name, total=len(names))
        begun, others, entries = time.monotonic(), OtherLoad(), []
        for each in names:
            bar.update(task, description=f"{name}: {each}")
            with self._served(each, target, cores) as (scenario, site, pid):
                made = benchmarks(scenario, site, pid, self._plan.sizes(), self._plan.seed + index)
                entries += [
                    Benchmark(f"{one.measure}_{one.room_size}[{each}]", one) for one in made
                ]
            bar.advance(task)
        bar.update(task, description=name)
        bar.stop_task(task)
        taken = {
            "order": names,
            "seconds": time.monotonic() - begun,
            "other_load_cores": others.cores(),
        }
        return entries, taken

    @contextmanager
    def _served(
        self, name: str, target: Target, cores: CorePlan
    ) -> Iterator[tuple[Scenario, Site, int | None]]:
        """One server, fresh where the lab or the scenario starts it."""
        if name == self._scenario.name:
            with running(self._scenario, self._folder, target, self.secrets) as pid:
                if self._scenario.server is not None and self._scenario.server.command and pid:
                    pin(pid, cores.server)
                ready = revealed(self._scenario, {}, self.secrets)
                yield ready, site_of(_options(target), ready, self.secrets), pid
            return
        arguments = ["--settings", self._plan.settings, "--unpaced"]
        try:
            with ServerProcess(name, arguments) as server:
                pin(server.pid, cores.server)
                scenario = self._own[name]
                url = str(server.ready.get("websocket_url") or server.url)
                native = scenario.connect.transport == "websocket"
                options = _options(parse_target(url if native else server.url))
                yield scenario, site_of(options, scenario, self.secrets), server.pid
        except ServerDiedError as error:
            raise click.ClickException(str(error)) from error

    def _begin(self, results: Path, target: Target, command: Sequence[str]) -> RunWriter:
        from lab import record

        described = msgspec.structs.replace(self._plan, transports=list(self._own)).described()
        name = self._scenario.name
        return record.create(
            results,
            PROFILE,
            settings=self._plan.settings,
            transports={name: {"settings_shown": shown(self._scenario)}, **described},
            seed=self._plan.seed,
            planned_passes=self._plan.passes,
            constants={
                **self._plan.constants(),
                "client": "raw",
                "experiments": list(EXPERIMENTS),
                "target": target_shown(target, self.secrets),
                "target_name": name,
            },
            limits=limits(),
            command=[*command, "--target", name],
            environment=self._machine,
        )


def _options(target: Target) -> TargetOptions:
    """This machine only: the lab's own servers, beside which the target is measured, are here."""
    return TargetOptions(target, Permission(), {}, SOCKET_IO_PATH, TIMEOUT_S, False)


def bench_target(
    file: str, plan: Plan, results: Path, command: Sequence[str], console: Console
) -> int:
    """Measure the target of a scenario beside the plan's transports. Returns the exit code."""
    beside = Beside(file, plan, console)
    try:
        return beside.run(results, command)
    except TargetError as error:
        raise click.UsageError(beside.secrets.mask(str(error))) from error
