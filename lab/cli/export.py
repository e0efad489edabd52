"""`lab export`: writes a recorded run in the format of another tool."""

from __future__ import annotations

from pathlib import Path

import click

from lab.cli.report import find, runs_option

NAMES = ("csv", "pytest-benchmark", "github-action-benchmark", "bencher")


@click.command(
    epilog="Examples: lab export --format csv > run.csv  |  "
    "lab export results/after --format bencher -o bencher.json"
)
@click.argument("run", required=False)
@click.option(
    "--format", "to", type=click.Choice(NAMES), required=True, help="The format of the output."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    help="Where it is written; default: the standard output.",
)
@runs_option
def export(run: str | None, to: str, output: Path, results: Path) -> None:
    """Write RUN (default: the newest) in the format of another tool.

    csv has a row for each figure, transport and pass. pytest-benchmark's JSON has the times, in
    seconds. github-action-benchmark is for its tool customSmallerIsBetter. bencher is Bencher's
    metric format, for its adapter json. What a format can't carry is named on stderr.
    """
    from lab.report.exports import FORMATS, LEFT_OUT

    found = find(run, results)
    if not found.passes:
        raise click.ClickException(f"{found.id} has no valid pass")
    text = FORMATS[to](found)
    if to in LEFT_OUT:
        click.echo(f"left out: {LEFT_OUT[to]}", err=True)
    _write(output, text)


def _write(output: Path, text: str) -> None:
    try:
        with click.open_file(str(output), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise click.ClickException(f"{output} can't be written: {error.strerror}") from error
