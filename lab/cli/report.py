"""`lab report` and `lab compare`: recorded runs, put before a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console

from lab import record
from lab.record import RecordError, Run

WIDTH = 132

results_option = click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="The folder that holds the runs.",
)


@click.command()
@click.argument("run", required=False)
@results_option
def report(run: str | None, results: Path) -> None:
    """Show RUN (default: the newest), and write its tables, pictures and page anew.

    RUN is a run's id or its folder. Everything is derived from the raw passes.
    """
    from lab.report import publish, tables

    found = _find(run, _places(results))
    tables.show(found, _console())
    try:
        page = publish(found)
    except RecordError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"\nreport: {page}")


@click.command()
@click.argument("candidate", metavar="RUN")
@click.argument("baseline", metavar="RUN")
@click.option("--unlike", is_flag=True, help="Compare in spite of unlike machines or settings.")
@results_option
def compare(candidate: str, baseline: str, unlike: bool, results: Path) -> None:
    """Say in which figures the first RUN differs from the second, and in which it does not."""
    from lab.report import comparison

    ours, theirs = (_find(name, _places(results)) for name in (candidate, baseline))
    reasons = record.unlike(ours, theirs)
    if reasons and not unlike:
        listed = "\n".join(f"  {reason}" for reason in reasons)
        raise click.UsageError(
            f"{ours.id} and {theirs.id} can't be compared:\n{listed}\nCompare anyway: --unlike"
        )
    _tell("unlike", reasons)
    comparison.show(ours, theirs, _console())


def _console() -> Console:
    """The terminal; wide enough for the tables where the output goes to a file instead."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _places(results: Path) -> Sequence[Path]:
    """Own runs before the reference that comes with the project."""
    return (results, results / "reference")


def _find(name: str | None, places: Sequence[Path]) -> Run:
    """The run asked for; what had to be skipped is said on stderr. Exits 2 where there is none."""
    try:
        run, skipped = record.find(name, places)
    except RecordError as error:
        raise click.UsageError(str(error)) from error
    _tell("skipped", skipped)
    return run


def _tell(what: str, lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"{what}: {line}", err=True)
