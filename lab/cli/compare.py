"""`lab compare`: compares two recorded runs, and judges whether the first is slower."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from lab import record
from lab.cli.console import open_console
from lab.cli.report import find, runs_option
from lab.cli.values import Finite
from lab.measure.tolerance import EXIT_CODES, TOLERANCE_PERCENT
from lab.record import Difference, Run

if TYPE_CHECKING:
    from lab.report.model.comparison import Compared

CANNOT_TELL = EXIT_CODES["can't tell"]


class CannotTellError(click.ClickException):
    """An error of a command with a verdict. Exit code 1 would say that something is slower."""

    exit_code = CANNOT_TELL


tolerance_option = click.option(
    "--tolerance",
    type=Finite(0, 1000),
    metavar="PERCENT",
    default=TOLERANCE_PERCENT,
    show_default=True,
    help="How much slower is not worth an alarm.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
markdown_option = click.option("--markdown", is_flag=True, help="Print a table for a pull request.")
html_option = click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page with all figures and a picture, too.",
)


@click.command(
    epilog="Examples: lab compare results/after results/before  |  "
    "lab compare AFTER BEFORE --tolerance 3 --markdown > comment.md"
)
@click.argument("candidate", metavar="RUN")
@click.argument("baseline", metavar="RUN")
@tolerance_option
@json_option
@markdown_option
@html_option
@click.option("--unlike", is_flag=True, help="Compare runs of different machines or settings, too.")
@runs_option
def compare(
    candidate: str,
    baseline: str,
    tolerance: float,
    as_json: bool,
    markdown: bool,
    page: Path | None,
    unlike: bool,
    results: Path,
) -> None:
    """Show in which figures the first RUN differs from the second, and whether it is slower.

    The exit code is 0 if the first is no slower, 1 if a figure is slower by more than the
    tolerance, and 2 if the command can't tell: the runs are too noisy, have too few passes, or are
    unlike. A wrong option ends with 2 as well; with --json it prints no document, and the document
    has the verdict in "verdict".
    """
    from lab.report.model import comparison

    check_form(as_json, markdown)
    ours, theirs = (find(name, results) for name in (candidate, baseline))
    reasons = record.unlike(ours, theirs)
    if reasons and not unlike:
        _refuse(ours, theirs, reasons, as_json)
    found = comparison.compare(ours, theirs, tolerance)
    if page is not None:
        write_page(page, found)
    if not print_form(comparison.document(found), found, as_json, markdown):
        _show(found, ours, theirs)
    sys.exit(found.exit_code)


def check_form(as_json: bool, markdown: bool) -> None:
    """Raise UsageError if both forms are requested."""
    if as_json and markdown:
        raise click.UsageError("--json and --markdown are two forms of the output: give one")


def print_form(document: object, found: Compared, as_json: bool, markdown: bool) -> bool:
    """Print the comparison in the requested form. Returns False if none is requested."""
    from lab.report.text.comparison import markdown as in_markdown

    if as_json:
        print_json(document)
    if markdown:
        click.echo(in_markdown(found), nl=False)
    return as_json or markdown


def print_json(document: object) -> None:
    """Print one JSON document."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=1))


def write_page(path: Path, found: Compared) -> None:
    """Write the page of a comparison. Raises CannotTellError if the file can't be written."""
    from lab.report.html import pair_page

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pair_page(found), encoding="utf-8")
    except OSError as error:
        raise CannotTellError(f"{path} can't be written: {error.strerror}") from error


def _show(found: Compared, ours: Run, theirs: Run) -> None:
    from lab.report.text import comparison as text

    if found.differences:
        open_console(stderr=True).print(text.side_by_side(found.differences))
    text.show(found, ours, theirs, open_console())


def _refuse(ours: Run, theirs: Run, reasons: Sequence[Difference], as_json: bool) -> None:
    """End with exit code 2, and say side by side what differs."""
    from lab.report.model import comparison
    from lab.report.text.comparison import side_by_side

    if as_json:
        both = {"candidate": ours.id, "baseline": theirs.id}
        differences = comparison.differences(reasons)
        print_json(
            {
                "schema": comparison.SCHEMA,
                "verdict": comparison.UNLIKE,
                "exit_code": CANNOT_TELL,
                **both,
                "differences": differences,
            }
        )
        sys.exit(CANNOT_TELL)
    console = open_console(stderr=True)
    console.print(f"{ours.id} and {theirs.id} can't be compared:", markup=False, highlight=False)
    console.print(side_by_side(reasons))
    console.print("To compare anyway: --unlike", markup=False, highlight=False)
    sys.exit(CANNOT_TELL)
