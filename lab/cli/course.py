"""`lab course`: the chapters, their starting points, and the checks of what a learner wrote."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lab.cli import ending
from lab.cli.group import WholeSentences

LINES_EACH = 4
"""How many lines of bytes a trace shows of each part of a message."""

folder_argument = click.argument("folder", type=click.Path(path_type=Path))
number_argument = click.argument("number", type=click.IntRange(1, 10))
track_option = click.option("--track", type=click.Choice(["python"]), help="The server's language.")


@click.group(cls=WholeSentences)
def course() -> None:
    """Build the chat yourself: chapters with a starting point and a check each."""


@course.command("list")
def list_chapters() -> None:
    """List the chapters with the minutes that they take."""
    from lab.course.chapters import chapters

    with _failures():
        for each in chapters():
            click.echo(f"{each.number:>2}  {each.minutes:>2} min  {each.title} · {each.title_ko}")


@course.command()
@number_argument
@folder_argument
@track_option
def start(number: int, folder: Path, track: str | None) -> None:
    """Copy the starting point of chapter NUMBER into the new folder FOLDER."""
    from lab.course.chapters import chapter, start

    with _failures():
        start(number, folder, track or "")
        text = chapter(number).folder / "README.md"
    click.echo(f"{folder} is ready. Read {text}, then: lab course check {number} {folder}")


@course.command()
@number_argument
@folder_argument
@click.option("--exercise", type=click.IntRange(1, 3), help="Check this exercise instead.")
@click.option("--trace", is_flag=True, help="Then show every byte, and what it means.")
def check(number: int, folder: Path, exercise: int | None, trace: bool) -> None:
    """Check what you wrote in FOLDER for chapter NUMBER.

    The check starts your server at a free port, plays against it and ends it. Each line says what
    is right, or what is wrong: what was expected, what came, and where it is written. The exit code
    is 1 if something is wrong, 2 if nothing can be checked.
    """
    with _failures():
        code = ending.run((_check_traced if trace else _check)(number, folder, exercise))
    sys.exit(code)


@course.command()
@number_argument
@track_option
def diff(number: int, track: str | None) -> None:
    """Show what the solution of chapter NUMBER adds to its starting point."""
    from lab.course.chapters import chapter

    with _failures():
        one = chapter(number)
        before, after = one.files("start", track or ""), one.files("solution", track or "")
    for file in sorted(path.relative_to(after) for path in after.rglob("*") if path.is_file()):
        old, new = (_lines(folder / file) for folder in (before, after))
        click.echo("".join(difflib.unified_diff(old, new, f"start/{file}", f"solution/{file}")))


async def _check(number: int, folder: Path, exercise: int | None) -> int:
    from lab.course.chapters import chapter
    from lab.course.page import one_browser
    from lab.course.run import checks_of, learner, run

    one = chapter(number)
    subject, wrong = learner(one, folder), 0
    checks = checks_of(number, exercise)
    async with one_browser():
        async for name, problem in run(checks, subject):
            wrong += problem is not None
            click.echo(f"ok     {name}" if problem is None else f"wrong  {name}\n       {problem}")
    next_step = f": read on in {one.folder / 'README.md'}" if wrong else ": well done"
    click.echo(f"{len(checks) - wrong} of {len(checks)} done{next_step}")
    return 1 if wrong else 0


async def _check_traced(number: int, folder: Path, exercise: int | None) -> int:
    from lab.course.learner import traced
    from lab.decode.decode import decode
    from lab.ledger.show import annotate

    async with traced() as trace:
        code = await _check(number, folder, exercise)
    click.echo()
    for line in annotate(decode(trace.chunks, trace.events), LINES_EACH):
        click.echo(line)
    return code


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines(keepends=True) if file.is_file() else []


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what hinders the course into one sentence and exit code 2."""
    from lab.course.chapters import CourseError

    try:
        yield
    except CourseError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
