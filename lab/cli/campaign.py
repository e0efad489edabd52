"""The passes of a run, one after the other, and what becomes of them: below `lab bench`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from lab.cli.passes import PassResult, Progress
from lab.cli.plan import Plan
from lab.measure.others import OtherLoad

if TYPE_CHECKING:
    from lab.record import RunWriter

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell has it: 128 + SIGINT."""

RunPass = Callable[[Sequence[str], Callable[[Progress], None]], PassResult]
"""`passes.run_pass`."""


class Campaign:
    """The passes of one run that are still to be made; those that it has stay as they are."""

    def __init__(self, writer: RunWriter, plan: Plan, run_pass: RunPass, console: Console) -> None:
        self._writer = writer
        self._plan = plan
        self._run_pass = run_pass
        self._console = console

    def run(self) -> int:
        """Returns the exit code: 0, 1 where something is void or wrong, 130 after Ctrl-C."""
        try:
            self._measure()
        except KeyboardInterrupt:
            self._finish("partial")
            self._console.print(
                f"to go on with it: lab bench --resume {self._writer.info.id}", soft_wrap=True
            )
            return INTERRUPTED
        fault = self._finish(None)
        if fault:
            self._console.print(fault, style="red", markup=False)
        return 1 if fault or any(each.void for each in self._writer.info.passes) else 0

    def _measure(self) -> None:
        with progress_bar(self._console) as bar:
            for index in range(len(self._writer.info.passes) + 1, len(self._plan.sweeps) + 1):
                self._one_pass(index, bar)

    def _one_pass(self, index: int, bar: ProgressBar) -> None:
        begun, others = time.monotonic(), OtherLoad()
        name = f"pass {index} of {len(self._plan.sweeps)}"
        found = shown(bar, name, self._run_pass, self._plan.pass_arguments(index))
        seconds, others_cores = time.monotonic() - begun, others.cores()
        taken: dict[str, Any] = {
            "order": self._plan.order(index),
            "seconds": seconds,
            "other_load_cores": others_cores,
        }
        if found.void is None and found.json is not None:
            self._writer.add_pass(found.json, **taken)
            return
        reason = found.void or "no results"
        self._console.print(f"pass {index} is void: {reason}", style="red", markup=False)
        self._writer.void_pass(reason, raw=found.json, **taken)

    def _finish(self, status: Any) -> str | None:
        """Close the run and show it. Returns what it found wrong with itself."""
        from lab import report
        from lab.report import summary, tables

        run = self._writer.finish(status)
        if not run.passes:
            self._console.print(f"no pass was finished; what there is: {run.folder}")
            return None
        page = report.publish(run)
        tables.show(run, self._console)
        self._console.print(f"report: {page}", soft_wrap=True)
        checked = summary.of(run).against_itself
        return checked.fault if checked else None


def progress_bar(console: Console) -> ProgressBar:
    """A line for each pass: what it is at, how much of it is done."""
    return ProgressBar(
        TextColumn("{task.description:<48}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def shown(bar: ProgressBar, name: str, run_pass: RunPass, arguments: Sequence[str]) -> PassResult:
    """Run a pass under a line of the bar."""
    task = bar.add_task(name, total=None)
    found = run_pass(
        arguments,
        lambda at: bar.update(
            task, completed=at.done, total=at.total, description=f"{name}: {at.current}"
        ),
    )
    bar.update(task, description=name if found.void is None else f"{name}: void")
    return found
