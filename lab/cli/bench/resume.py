"""Finds the interrupted run that `lab bench --resume` continues, and reads its plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from lab import record
from lab.cli.bench.campaign import Begin
from lab.cli.bench.plan import FLEET, Plan, limits, plan_from_record
from lab.load.profiles import JAVASCRIPT_CLIENTS
from lab.record import RecordError, Run, RunWriter
from transports import registry

NEWEST = "newest"


def find_interrupted(name: str, results: Path) -> tuple[Plan, Begin]:
    """Return the plan of the run called `name`, and the function that reopens its record.

    Both raise UsageError if the run can't continue.
    """
    with _refusing(name):
        run = _newest(results) if name == NEWEST else record.find(name, [results])[0]
        if run.info.status != "partial":
            raise RecordError(f"{run.id} is {run.info.status}: no pass is missing")
    with _refusing(run.id):
        plan = plan_from_record(run.info)
        if plan.client in JAVASCRIPT_CLIENTS:
            from lab.cli.bench.javascript import check_installed

            check_installed(plan.client)
    return plan, partial(_reopen, run, plan)


def _reopen(run: Run, plan: Plan) -> RunWriter:
    with _refusing(run.id):
        return record.resume(
            run.folder, transports=plan.described(), constants=plan.constants(), limits=limits()
        )


@contextmanager
def _refusing(run: str) -> Iterator[None]:
    """Turn an error about a run into a UsageError that names the run."""
    try:
        yield
    except RecordError as error:
        raise click.UsageError(str(error)) from error
    except (
        KeyError,
        ValueError,
        registry.UnknownTransportError,
        registry.UnavailableError,
    ) as error:
        raise click.UsageError(f"{run} can't be continued by this version: {error}") from error


def _newest(results: Path) -> Run:
    runs, _ = record.list_runs([results])
    missing = [run for run in runs if run.info.status == "partial" and _lacks_passes(run)]
    if not missing:
        raise RecordError(f"there is no interrupted run in {results}")
    return missing[-1]


def _lacks_passes(run: Run) -> bool:
    """Whether passes are missing that `lab bench --resume` can add.

    To the run of a target or of a fleet none can be added.
    """
    missing = len(run.info.passes) < run.info.planned_passes
    return missing and run.info.constants.keys().isdisjoint({"target", FLEET})
