"""`lab bench --resume`: an interrupted run found again, and its plan read from its record."""

from __future__ import annotations

from pathlib import Path

import click

from lab import record
from lab.cli.plan import Plan, limits, of_record
from lab.record import RecordError, Run, RunWriter
from transports import registry

NEWEST = "newest"


def resumed(name: str, results: Path) -> tuple[Plan, RunWriter]:
    """The plan and the pen of the run called `name`. Raises UsageError where it can't go on."""
    try:
        run = _newest(results) if name == NEWEST else record.find(name, [results])[0]
        if run.info.status != "partial":
            raise RecordError(f"{run.id} is {run.info.status}: no pass is missing")
        plan = of_record(run.info)
        if plan.client == "browser":
            from lab.cli.browser import check_browser

            check_browser()
        pen = record.resume(
            run.folder, wires=plan.described(), constants=plan.constants(), limits=limits()
        )
    except RecordError as error:
        raise click.UsageError(str(error)) from error
    except (KeyError, ValueError, registry.UnknownWireError, registry.UnavailableError) as error:
        raise click.UsageError(f"{run.id} can't be continued by this version: {error}") from error
    return plan, pen


def _newest(results: Path) -> Run:
    runs, _ = record.list_runs([results])
    missing = [run for run in runs if run.info.status == "partial" and _lacks_passes(run)]
    if not missing:
        raise RecordError(f"there is no interrupted run in {results}")
    return missing[-1]


def _lacks_passes(run: Run) -> bool:
    return len(run.info.passes) < run.info.planned_passes
