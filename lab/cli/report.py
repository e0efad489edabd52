"""`lab report`: shows a recorded run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lab import record
from lab.cli.console import open_console
from lab.cli.options import details_option, results_option
from lab.record import RecordError, Run

runs_option = results_option("Folder of the runs.")


@click.command()
@click.argument("run", required=False)
@details_option
@runs_option
def report(run: str | None, details: bool, results: Path) -> None:
    """Show the answer of RUN (default: the newest), and write its pictures and page again.

    RUN is a run's id, its folder, or a file in it. Everything is computed from the raw passes.

    \b
    lab report --details
    """  # noqa: D301 - click's mark is the backspace itself
    from lab.report.publish import publish
    from lab.report.text import screen

    found = find(run, results)
    screen.show(found, open_console(), details=details)
    try:
        page = publish(found)
    except RecordError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"report: {page}")


def _places(results: Path) -> Sequence[Path]:
    """Return the folders of runs: the user's own before the project's reference."""
    return (results, results / "reference")


def find(name: str | None, results: Path) -> Run:
    """Return the requested run; print skipped folders to stderr. Exit code 2 without a run."""
    try:
        run, skipped = record.find(name, _places(results))
    except RecordError as error:
        raise click.UsageError(str(error)) from error
    for line in skipped:
        click.echo(f"skipped: {line}", err=True)
    return run
