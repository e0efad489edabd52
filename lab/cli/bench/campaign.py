"""Runs the passes of `lab bench` one after the other, and records each."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from lab.cli import ending
from lab.cli.bench.passes import PassResult, Progress
from lab.cli.bench.plan import Plan
from lab.cli.options import RESULTS
from lab.measure.others import OtherLoad

if TYPE_CHECKING:
    from lab.record import Run, RunWriter

RunPass = Callable[[Sequence[str], Callable[[Progress], None]], PassResult]
"""`passes.run_pass`."""
Begin: TypeAlias = "Callable[[], RunWriter]"
"""Begins a run, or reopens an interrupted one."""
Show: TypeAlias = "Callable[[Run, Console], str | None]"
"""Prints a run, and returns what is wrong with it, or None."""


class Campaign:
    """The passes of one run that are missing. Those that the run has stay as they are."""

    def __init__(
        self,
        begin: Begin,
        plan: Plan,
        run_pass: RunPass,
        console: Console,
        show: Show | None = None,
    ) -> None:
        """`show`: prints the finished run instead of all of its tables."""
        self.recorded: Run | None = None
        self.interrupted = False
        self._show = show or show_everything
        self._begin = begin
        self._plan = plan
        self._run_pass = run_pass
        self._console = console
        self._begun: RunWriter | None = None

    def run(self) -> int:
        """Measure, and return the exit code: 0, 1 if something is void or wrong, 130 after Ctrl-C.

        Whenever Ctrl-C comes, a run that has begun is closed.
        """
        try:
            with ending.held():
                self._begun = self._begin()
            self._measure(self._begun)
        except KeyboardInterrupt:
            if self._begun is None:
                raise
            return self._interrupted(self._begun)
        run = self.recorded = self._begun.finish()
        fault = self._show(run, self._console)
        if fault:
            self._console.print(fault, style="red", markup=False)
        return 1 if fault or run.void_passes else 0

    def _interrupted(self, writer: RunWriter) -> int:
        """Close the run, then show it. A second Ctrl-C only leaves out the pictures."""
        self.interrupted = True
        with ending.held():
            missing = len(writer.info.passes) < len(self._plan.sweeps)
            run = writer.finish("partial" if missing else None)
        with suppress(KeyboardInterrupt):
            self._show(run, self._console)
        with ending.held():
            hint = shlex.join(resume_command(run.folder))
            if missing and not self._plan.sides and self._plan.fleet is None:
                self._console.print(f"to continue this run: {hint}", markup=False, soft_wrap=True)
        return ending.exit_code()

    def _measure(self, writer: RunWriter) -> None:
        with progress_bar(self._console) as bar:
            for index in range(len(writer.info.passes) + 1, len(self._plan.sweeps) + 1):
                self._one_pass(writer, index, bar)

    def _one_pass(self, writer: RunWriter, index: int, bar: ProgressBar) -> None:
        begun, others = time.monotonic(), OtherLoad()
        name = self._plan.pass_name(index)
        found = run_with_progress(bar, name, self._run_pass, self._plan.pass_arguments(index))
        seconds, others_cores = time.monotonic() - begun, others.cores()
        taken: dict[str, Any] = {
            "order": self._plan.order(index),
            "seconds": seconds,
            "other_load_cores": others_cores,
        }
        if found.void is None and found.json is not None:
            writer.add_pass(found.json, **taken)
            return
        reason = found.void or "no results"
        self._console.print(f"pass {index} is void: {reason}", style="red", markup=False)
        writer.void_pass(reason, raw=found.json, **taken)


def show_everything(run: Run, console: Console, *, details: bool = False) -> str | None:
    """Print the run and write its report. Return the fault that the A/A pairs show, or None."""
    from lab.report.model.summary import summarise
    from lab.report.publish import publish
    from lab.report.text import screen

    if not run.passes:
        console.print(f"no pass was finished; the folder of the run is {run.folder}")
        return None
    page = publish(run)
    screen.show(run, console, details=details)
    console.print(f"report: {page}", soft_wrap=True)
    checked = summarise(run).against_itself
    return checked.fault if checked else None


def resume_command(folder: Path) -> list[str]:
    """Return the command that continues the run in this folder."""
    command = ["lab", "bench", "--resume", folder.name]
    return command if folder.parent == RESULTS else [*command, "--results", str(folder.parent)]


def progress_bar(console: Console) -> ProgressBar:
    """Return a progress display with one line per pass."""
    return ProgressBar(
        TextColumn("{task.description:<48}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def run_with_progress(
    bar: ProgressBar, name: str, run_pass: RunPass, arguments: Sequence[str]
) -> PassResult:
    """Run a pass, and show its progress in a line of `bar`."""
    task = bar.add_task(name, total=None)
    try:
        found = run_pass(
            arguments,
            lambda at: bar.update(
                task, completed=at.done, total=at.total, description=f"{name}: {at.current}"
            ),
        )
    finally:
        bar.stop_task(task)  # else the clock of a pass that ends early goes on
    bar.update(task, description=name if found.void is None else f"{name}: void")
    return found
