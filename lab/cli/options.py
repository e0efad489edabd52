"""Options that several commands have, each said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lab.cli.wires import WIRES

Command = TypeVar("Command", bound=Callable[..., Any])


def settings_option(command: Command) -> Command:
    """`--settings`: the wires made comparable, or as they are installed."""
    return click.option(
        "--settings",
        type=click.Choice(["equal", "stock"]),
        default="equal",
        show_default=True,
        help="equal: comparable protocols; stock: each library as installed.",
    )(command)


def wires_option(command: Command) -> Command:
    """`--wires`: names of wires and of their groups."""
    return click.option(
        "--wires",
        type=WIRES,
        default="core",
        show_default=True,
        metavar="A,B,...",
        help="Wires, or groups of them: core, tuned, fallbacks, node, all; `lab list` names them.",
    )(command)
