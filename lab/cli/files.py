"""Files that a command is told to write: checked before it begins, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import click


class OutputType(click.Path):
    """A file that can be written, in a folder that there is."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Exit code 2 where the folder is missing: said before a minute is spent."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.absolute().parent.is_dir():
            self.fail(f"there is no folder {path.parent}", param, ctx)
        return path


OUTPUT = OutputType(dir_okay=False, writable=True)


def write(file: Path, content: bytes) -> None:
    """Write a file. Raises ClickException, saying why, where it can't be written."""
    from lab.record import RecordError, save

    try:
        save(file.absolute().parent, file.name, content)
    except RecordError as error:
        raise click.ClickException(str(error)) from error
