"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from lab.cli.files import RUNS
from lab.cli.transports import SOME, TRANSPORTS

Command = TypeVar("Command", bound=Callable[..., Any])

RESULTS = Path("results")
"""The default folder for runs."""
FORMER_NAME = "--wires"
FORMER_NAME_NOTE = f"{FORMER_NAME} is now --transports; the old name works in this version"


def results_option(what: str, *, writes: bool = False) -> Callable[[Command], Command]:
    """`--results`: the folder of the runs; `what` says what it is to the command.

    `writes`: the command always writes a run, so the folder is checked before the work.
    """
    return click.option(
        "--results",
        type=RUNS if writes else click.Path(file_okay=False, path_type=Path),
        default=RESULTS,
        show_default=True,
        help=what,
    )


def details_option(command: Command) -> Command:
    """`--details`: every table of a run, and not its answer alone."""
    return click.option(
        "--details", is_flag=True, help="Print every table too. The report always has them."
    )(command)


def settings_option(command: Command) -> Command:
    """`--settings`: the transports made comparable, or as they are installed."""
    return click.option(
        "--settings",
        type=click.Choice(["equal", "stock"]),
        default="equal",
        show_default=True,
        help="equal: comparable protocols; stock: each library as installed.",
    )(command)


class TransportsOption(click.Option):
    """Add `--transports`; the former name `--wires` works too, without help and with a note."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """See `click.Option`. The former name has a place of its own, so that its use is seen."""
        super().add_to_parser(parser, ctx)
        parser.add_option(obj=self, opts=[FORMER_NAME], dest=FORMER_NAME)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:
        """See `click.Option`.

        Raises:
            click.UsageError: both names are given.
        """
        if FORMER_NAME in opts:
            if self.name in opts:
                raise click.UsageError(f"{FORMER_NAME} is now {self.opts[0]}: give only one", ctx)
            click.echo(FORMER_NAME_NOTE, err=True)
            opts = {**opts, str(self.name): opts[FORMER_NAME]}
        return super().consume_value(ctx, opts)


def transports_option(
    what: str = "",
    *,
    kind: click.ParamType[list[str]] = TRANSPORTS,
    default: str | None = "core",
) -> Callable[[Command], Command]:
    """`--transports`: names of transports and of their groups; `what` says what they are for."""
    return click.option(
        "--transports",
        cls=TransportsOption,
        type=kind,
        default=default,
        show_default=True,
        metavar="A,B,...",
        help=f"{what} {SOME}".strip(),
    )
