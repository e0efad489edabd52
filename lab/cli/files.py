"""A command's files: those to write are checked before the work, those to read as they are read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lab.relay.capture import Chunk, ConnectionEvent


class OutputType(click.Path):
    """A file that can be written, in a folder that exists and can be written."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Convert the option; exit code 2 at once where the file can't be written."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        folder = path.absolute().parent
        if not folder.is_dir():
            self.fail(f"the folder {path.parent} does not exist", param, ctx)
        if not os.access(folder, os.W_OK):
            self.fail(f"the folder {path.parent} can't be written", param, ctx)
        return path


OUTPUT = OutputType(dir_okay=False, writable=True)


class RunsType(click.Path):
    """The folder for runs: one that can be written, or that can be made."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Convert the option; exit code 2 before the work where no run could be written."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        there = next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
        if not (there.is_dir() and os.access(there, os.W_OK)):
            self.fail(f"the results folder {path} can't be written; choose another", param, ctx)
        return path


RUNS = RunsType(file_okay=False)


def read_capture(file: Path) -> tuple[list[Chunk], list[ConnectionEvent]]:
    """Read a capture file. Raises UsageError where it can't be read, or is none."""
    from lab.relay.capture import from_lines

    try:
        return from_lines(file.read_bytes())
    except OSError as error:
        raise click.UsageError(f"{file} can't be read: {error.strerror or error}") from error
    except ValueError as error:
        raise click.UsageError(f"{file}: {error}") from error


def write(file: Path, content: bytes) -> None:
    """Write a file. Raises ClickException with the reason where it can't be written."""
    from lab.record import RecordError, save

    try:
        save(file.absolute().parent, file.name, content)
    except RecordError as error:
        raise click.ClickException(str(error)) from error
