"""The options that say which run the numbers come from, and the evidence that they give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lab.cli.options import results_option
from lab.record import RecordError

if TYPE_CHECKING:
    from lab.answer.evidence import Evidence

Command = TypeVar("Command", bound=Callable[..., Any])


def evidence_options(command: Command) -> Command:
    """`--run` and `--results`: the run whose numbers go before the reference's."""
    run = click.option(
        "--run",
        metavar="RUN",
        help="Take numbers from this run (id or folder) before the reference. Default: the newest.",
    )
    return run(results_option("Folder of your runs.")(command))


def load(run: str | None, results: Path) -> Evidence:
    """The user's run, if there is one, and the reference. Exit code 2 if RUN can't be read."""
    from lab.answer.gather import gather

    try:
        return gather(run, [results])
    except RecordError as error:
        raise click.BadParameter(str(error), param_hint="--run") from error
